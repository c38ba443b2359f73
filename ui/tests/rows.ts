import type { ConversationRow, MessageRow, ParticipantRow, PersonView } from '../src/lib/backend/generated';

export function conversationRow(key: string, more: Partial<ConversationRow> = {}): ConversationRow {
    return {
        key,
        sid: `CH${key}`,
        name: key,
        unique_name: null,
        peer: null,
        public_join: false,
        uber: false,
        state: 'active',
        timers: {},
        activity_at: 0,
        preview_author: null,
        preview_own: false,
        preview: null,
        preview_files: null,
        attached: [],
        unread: 0,
        mentions: 0,
        notification_level: 'default',
        role: 'participant',
        participants_count: 2,
        draft: '',
        typing: [],
        going: false,
        failed: false,
        left: false,
        ...more,
    };
}

export function messageRow(key: string, more: Partial<MessageRow> = {}): MessageRow {
    return {
        key,
        sid: null,
        index: 0,
        author: 'ada',
        author_name: 'Ada',
        own: false,
        body: key,
        at: 0,
        state: 'sent',
        problem: null,
        edited: false,
        can_edit: false,
        can_remove: false,
        subject: null,
        media: [],
        ...more,
    };
}

export function participantRow(identity: string, more: Partial<ParticipantRow> = {}): ParticipantRow {
    return {
        sid: `MB${identity}`,
        identity,
        name: identity,
        role: 'participant',
        role_sid: 'RL00000000000000000000000000000004',
        flags: {
            can_write: true,
            can_edit: true,
            can_edit_all: false,
            can_remove: true,
            can_remove_all: false,
            can_manage_participants: false,
            owner: false,
        },
        flags_set: false,
        can_change: false,
        own: false,
        presence: null,
        last_read_index: null,
        last_read_at: null,
        ...more,
    };
}

export function personView(identity: string, more: Partial<PersonView> = {}): PersonView {
    return {
        sid: `US${identity}`,
        identity,
        name: identity,
        presence: null,
        role: null,
        attributes: {},
        deactivated: false,
        ...more,
    };
}
