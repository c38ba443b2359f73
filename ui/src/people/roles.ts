import type { NamedRole, ParticipantFlags, RoleType } from '$lib/backend';
import { t } from '$lib/i18n/fluent';

/** The permissions that a role of a conversation can hold, in the order in which they are shown. */
export const conversationPermissions = [
    'sendMessage',
    'sendMediaMessage',
    'editOwnMessage',
    'editOwnMessageAttributes',
    'deleteOwnMessage',
    'editAnyMessage',
    'editAnyMessageAttributes',
    'deleteAnyMessage',
    'addParticipant',
    'addNonChatParticipant',
    'removeParticipant',
    'editOwnParticipantAttributes',
    'editAnyParticipantAttributes',
    'editConversationName',
    'editConversationAttributes',
    'deleteConversation',
    'editNotificationLevel',
    'leaveConversation',
] as const;

/** The same for the workspace. */
export const workspacePermissions = [
    'createConversation',
    'joinConversation',
    'editOwnUserInfo',
    'editAnyUserInfo',
    'createInvite',
    'revokeInvite',
    'editRoles',
] as const;

/** The seven flags of a participant, in the order in which they are shown. */
export const flagNames = [
    'can_write',
    'can_edit',
    'can_remove',
    'can_edit_all',
    'can_remove_all',
    'can_manage_participants',
    'owner',
] as const satisfies (keyof ParticipantFlags)[];

export function permissionsOf(place: RoleType): readonly string[] {
    return place === 'workspace' ? workspacePermissions : conversationPermissions;
}

/** Roles of a place: the built-in ones first, the made ones by name. */
export function rolesOf(roles: readonly NamedRole[], place: RoleType): NamedRole[] {
    const here = roles.filter((role) => role.type === place);
    const made = here.filter((role) => !role.built_in);
    made.sort((a, b) => a.friendly_name.localeCompare(b.friendly_name) || (a.sid < b.sid ? -1 : 1));
    return [...here.filter((role) => role.built_in), ...made];
}

/** The SID of the built-in role that may do everything in a conversation; the same in every workspace. */
export const ownerRole = `RL${'3'.padStart(32, '0')}`;

/** The name of a role: of the built-in ones in one's own language. */
export function roleName(role: NamedRole | undefined): string {
    if (!role) return t('role-unknown');
    if (!role.built_in) return role.friendly_name;
    return t(`role-${role.friendly_name.replaceAll(' ', '-')}`);
}
