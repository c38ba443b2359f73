import type { ConversationRow, MessageRow, ParticipantRow } from '../src/lib/backend/generated';

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
        own: false,
        online: null,
        last_read_index: null,
        ...more,
    };
}
