# The words of Confab, in English. One language per file; ids are the contract.
# A sentence for an error says what happened and what to do.

## Days

day-today = Today
day-yesterday = Yesterday

## Actions that occur everywhere

action-back = Back
action-cancel = Cancel
action-close = Close
action-copy = Copy
action-copied = Copied
action-delete = Delete
action-done = Done
action-save = Save
action-try-again = Try again

## Welcome

welcome-poster = A quiet place for a team to talk.
welcome-title = Welcome to Confab
welcome-subtitle = Start a place for your team, or go to one you were invited to.
welcome-start = Start a workspace
welcome-start-hint = It lives on this computer. Others join by link.
welcome-join = Join by link
welcome-join-hint = Paste the invitation somebody sent you.
welcome-sign-in = Sign in on this device
welcome-sign-in-hint = You have an account and its password.
welcome-loading = Opening Confab

start-title = Start a workspace
start-subtitle = Messages are kept on this computer. It has to be on for others to reach them.
start-workspace-name = Workspace
start-workspace-placeholder = The name of your team
start-display-name = Your name
start-display-name-placeholder = As your team knows you
start-reach = Who can reach it
start-reach-computer = This computer only
start-reach-computer-hint = An invitation works on this computer and nowhere else. You can open it later.
start-reach-network = This network
start-reach-network-hint = Whoever is on your network and has an invitation can join.
start-password = Password
start-password-optional = optional
start-password-hint = Lets you in again from another computer.
start-submit = Start workspace
start-busy = Starting…

join-title = Join by link
join-subtitle = The link says where the workspace is.
join-link = Invitation link
join-link-placeholder = confab://join/…
join-name = Your name
join-name-placeholder = As your team knows you
join-password = Password
join-password-hint = At least 8 characters. With it and your name you can come back from another computer.
join-submit = Join
join-busy = Joining…

sign-in-title = Sign in on this device
sign-in-subtitle = To a workspace in which you have an account.
sign-in-address = Workspace
sign-in-address-hint = Its link: another device shows it in Settings, under Other computers.
sign-in-name = Your name
sign-in-password = Password
sign-in-submit = Sign in
sign-in-busy = Signing in…

password-show = Show the password
password-hide = Hide the password

## Sidebar

sidebar-label = Conversations
sidebar-resize = Width of the conversation list
sidebar-jump = Jump to
workspace-menu = { $name }, workspace menu
workspace-invite = Invite people
workspace-mark-all-read = Mark everything read
workspace-settings = Settings
workspace-shortcuts = Keyboard shortcuts
workspace-sign-out = Sign out
sign-out-confirm = Sign out of { $name }?
sign-out-warning = What is not sent yet on this computer is lost. To come back you need your password.
conversation-list = Conversation list
conversation-new = New conversation
conversation-unnamed = Unnamed conversation
conversation-muted = Muted
conversation-left = You are no longer in it
conversation-going = Going…
conversation-empty = No messages yet
conversation-draft = Draft
conversation-not-sent = Not sent
conversation-preview-own = You: { $text }
conversation-preview-other = { $author }: { $text }
conversation-typing-one = { $name } is typing
conversation-typing-many = { $count } are typing
conversation-unread =
    { $count ->
        [one] { $count } unread
       *[other] { $count } unread
    }
conversation-mentioned = { $count } unread, you are mentioned
list-empty-title = No conversations yet
list-empty-text = Start one, or wait until somebody adds you.
list-loading = Loading conversations
status-title = How others see you
status-label = { $name }: { $status }. Change how others see you
status-hint = It stands on all your devices until you change it. Whoever is not connected is shown as offline anyway.
status-online = Available
status-away = Away
status-busy = Do not disturb
status-offline = Appear offline
presence-online = Available
presence-away = Away
presence-busy = Not to be disturbed
presence-offline = Offline
me-connecting = Connecting…
me-offline = Offline

## Nothing open

nothing-open-title = Pick up where you left off
nothing-open-text = Choose a conversation from the list, or start a new one.
nothing-yet-title = A quiet place, so far
nothing-yet-text = Start the first conversation, then bring people in.
nothing-yet-guest-text = Start a conversation, or wait until somebody adds you to one.
hint-jump = jump
hint-next = next
hint-shortcuts = all shortcuts

## Header

header-people =
    { $count ->
        [one] Only you so far
       *[other] { $count } people
    }
header-people-online = { $count } people, { $online } online
header-back =
    { $count ->
        [0] Back to conversations
       *[other] Back to conversations, { $count } unread
    }
header-details = Details
header-direct = Just the two of you
header-left = You are no longer in this conversation

## Timeline

timeline-label = Messages
timeline-loading = Loading messages
timeline-load-older = Show earlier messages
timeline-loading-older = Loading earlier messages…
timeline-beginning = This is where { $name } begins.
timeline-beginning-direct = This is where you and { $name } begin.
timeline-empty-title = { $name } starts here
timeline-empty-text = Bring people in, or write the first thing they will read.
timeline-empty-text-alone = Write the first thing people here will read.
timeline-empty-read-only = Nobody has written here.
timeline-empty-direct = What you write here only { $name } and you can read.
timeline-add-people = Add people
timeline-jump-newest = Jump to newest
timeline-new-count =
    { $count ->
        [one] { $count } new message
       *[other] { $count } new messages
    }
timeline-announce = { $author }: { $text }
message-you = You
message-label = { $author }, { $time }: { $text }
message-label-sending = { $author }, { $time }, sending: { $text }
message-label-unsaved = { $author }, { $time }, not kept yet: { $text }
message-label-failed = { $author }, { $time }, not sent: { $text }
message-edited = edited
message-sending = Sending
message-unsaved = Not kept yet: this computer cannot write
message-sent = Sent
message-not-sent = Not sent.
message-seen-by = Seen by { $names }
message-seen-more = +{ $count }
message-seen-others = { $count } others
message-read-by = Read by { $by } of { $of }
message-seen = Seen by…
message-profile = Who wrote this
seen-title = Who has read this
seen-read = Read by { $count }
seen-waiting = Not yet by { $count }
seen-nobody-else = Nobody else is here to read this.
seen-outside = Somebody outside the workspace
seen-loading = Looking…
seen-more = Show more
message-actions = Message actions
message-edit = Edit message
message-remove = Delete message
message-copy = Copy text
message-mark-unread = Mark unread from here
message-more = More actions
edit-label = Edit message
edit-hint = Enter saves, Esc cancels

## Composer

composer-label = Message { $name }
composer-send = Send
composer-hint = Shift Enter for a new line
composer-offline = You are not connected. What you write is sent when you are back.
composer-left = You are no longer in this conversation, so you cannot write here.
composer-conversation-closed = This conversation is closed: it can be read, and nobody writes in it any more.
composer-read-only = You may read here, but not write. An owner of the conversation can change that.
composer-kept = You had begun to write this. Only you see it.
composer-too-long = This message is { $actual } KB long and { $limit } KB is the most. Shorten it or send it in parts. Until then it is kept on this computer only.
typing-one = { $first } is typing
typing-two = { $first } and { $second } are typing
typing-many = Several people are typing

attach = Attach files
attachments = Files to send
attachment-remove = Remove { $name }
attach-too-large = “{ $name }” is too large. The workspace takes files of at most { $limit }.
attach-too-many = A message takes { $limit } files. Send these first, then the others.
attach-unsupported = “{ $name }” cannot be sent: the workspace does not take files of this type. Ask its owner.
attach-failed = “{ $name }” was not attached. { $why }

## Files

files-photo =
    { $count ->
        [one] Photo
       *[other] { $count } photos
    }
files-video =
    { $count ->
        [one] Video
       *[other] { $count } videos
    }
files-audio =
    { $count ->
        [one] Sound
       *[other] { $count } sounds
    }
files-file =
    { $count ->
        [one] File
       *[other] { $count } files
    }
file-progress = { $part } of { $whole }
file-saved = { $size }, saved
file-save = Save { $name }
file-save-as = Save { $name } as…
file-play = Play { $name }
file-stop-playing = Stop playing { $name }
file-unplayable = { $size }, cannot be played here
file-open = Open { $name }
file-reveal = Show { $name } in its folder
file-stop-saving = Stop saving { $name }
file-cancel-sending = Do not send { $name }
photo-open = Look at { $name }
media-photos = Photos
media-files = Files
media-about = { $author }, { $time }
media-none-photos = Photos that are sent here are listed here.
media-none-files = Files that are sent here are listed here.
media-older = Look further back
drop-title = Drop files to attach them
drop-text = They go to { $name } when you send.
viewer-label = Photo { $name }
viewer-size = { $width } × { $height }
viewer-previous = Previous photo
viewer-next = Next photo
viewer-larger = Larger
viewer-smaller = Smaller
viewer-save = Save
viewer-save-as = Save as…

## Details

details-label = Details
details-rename = Change the name
details-name = Name of the conversation
details-people = People
details-outside = By other means
details-outside-sms = Text messages
details-outside-whatsapp = WhatsApp
details-outside-email = E-mail
details-outside-messenger = Messenger
details-media = Media
details-online = Online
details-offline = Offline
details-add = Add people
details-add-label = Name of the person to add
details-add-placeholder = Name
details-add-submit = Add
details-add-several = Add { $count }
details-add-people = People of the workspace
details-add-picked = People to add
details-add-unpick = Do not add { $name }
details-add-nobody = Nobody in the workspace has “{ $text }” in their name.
people-search = Search people
people-none = Nobody here has “{ $text }” in their name.
details-you = you
details-person = { $name } { $presence } { $role }
details-read-only = Reads only
details-rights-apart = Own rights
details-rights = Role and rights…
details-remove = Remove from here
details-person-menu = What to do with { $name }
role-owner = Owner
role-participant = Participant
role-workspace-owner = Owner of the workspace
role-workspace-user = User
role-unknown = Another role
rights-title = What { $name } may do here
rights-locked = Only those who may do all of this themselves can change it.
rights-role = Role
rights-flags = One by one
rights-apart = This differs from the role.
rights-reset = Back to the role
flag-can-write = Write messages
flag-can-edit = Change own messages
flag-can-remove = Delete own messages
flag-can-edit-all = Change messages of others
flag-can-remove-all = Delete messages of others
flag-can-manage-participants = Add and remove people, and say what they may do
flag-owner = Rename and delete the conversation
details-make-owner = Make an owner
details-take-owner = No longer an owner
details-settings = Settings
details-mute = Mute
details-mute-hint = No notification, a quiet badge
details-mark-unread = Mark unread
details-mark-unread-hint = From the newest message on
details-unmute = Unmute
details-public = Open to everyone
details-public-hint = Everybody in the workspace can find it and join
details-private = By invitation
details-private-hint = Only people who are added see it
details-leave = Leave conversation
details-delete = Delete for everyone
details-delete-hint = With all messages and files
state-label = State
state-active = Active
state-active-hint = People write in it
state-inactive = Asleep
state-inactive-hint = The next message wakes it
state-closed = Closed
state-closed-hint = It can be read, and takes nothing more
state-unknown = Unknown
state-unknown-hint = Update Confab to see it
state-sleep = Put to sleep
state-wake = Wake up
state-close = Close for good
state-close-hint = It stays to be read
timer-inactive = Falls asleep after
timer-inactive-hint = Without a message
timer-closed = Closes after
timer-closed-hint = Asleep for so long
timer-never = Never
leave-title = Leave { $name }?
leave-text = You no longer see it, and somebody in it has to add you to come back.
leave-text-public = You no longer see it. It is open to everyone: you can join again under Browse conversations.
close-title = Close { $name } for good?
close-text = It stays to be read. Nobody can write, join or change anything in it any more, and it cannot be opened again.
close-action = Close for good
delete-title = Delete { $name } for everyone?
delete-text =
    { $count ->
        [one] All its messages and files are deleted, here and in the workspace. This cannot be taken back.
       *[other] All its messages and files are deleted for its { $count } people, on their computers too. This cannot be taken back.
    }

## New conversation, directory, invite

new-title = New conversation
new-name = Name
new-name-placeholder = What it is about
new-kind = Who may come
new-kind-group = Group
new-kind-group-text = Only people who are added see it.
new-kind-public = Open to everyone
new-kind-public-text = Everybody in the workspace can find it and join.
new-kind-direct = One person
new-kind-direct-text = Just the two of you. There is one such conversation with each person.
new-people = People
new-people-placeholder = Names, or later
new-person = Person
new-person-placeholder = Name
new-more = More options
new-unique-name = Short name
new-unique-name-hint = No other conversation here has the same.
new-uber = No look back
new-uber-hint = People see only what is written while they are in it
new-submit = Create and open
new-submit-direct = Open
people-unpick = Take { $name } out
directory-title = Browse conversations
directory-browse = Browse conversations
directory-search = Find a conversation
directory-public = Open to everyone
directory-left = You left
directory-loading = Loading…
directory-more = Show more
directory-none-public = No conversation is open to everyone yet. Whoever makes one can open it.
directory-none-left = You have left no conversation.
directory-none-found = None of these has “{ $text }” in its name.
directory-people =
    { $count ->
        [0] Nobody in it
        [one] { $count } person
       *[other] { $count } people
    }
directory-left-at = Left · { $time }
directory-left-once = Left
directory-made-by = Made by { $name }
directory-unique-name = Short name: { $name }
directory-last-message = Last message: { $time }
directory-no-messages = No messages to tell of
directory-history = Whoever joins can read everything in it.
directory-uber = Whoever joins sees only what is written from then on.
directory-closed = It is closed, so nobody can join.
directory-gone = It was deleted, or is not open: then somebody in it has to add you.
directory-join = Join
directory-join-again = Join again
directory-open = Open
directory-join-label = Join { $name }
directory-open-label = Open { $name }
new-busy = Creating…
invite-title = Invite people to { $name }
invite-text = Whoever has this link can join, until it ends.
invite-link = Invitation link
invite-making = Making a link…
invite-ends = Ends after
invite-hour = 1 hour
invite-day = 1 day
invite-week = 7 days
invite-month = 30 days
invite-end = End this link
invite-ended = The link has ended. Nobody can join by it any more.
invite-new = Make a new link
invite-computer-only = Only this computer can use the link: the workspace is not open to your network.
invite-open-network = Open it to this network
invite-network = Works for people on this network, at { $addresses }.

## Switcher, shortcuts

switcher-label = Jump to a conversation
switcher-placeholder = Name of a conversation or a person
switcher-none = No conversation has “{ $text }” in its name.
switcher-move = move
switcher-open = open
switcher-no-conversation = No conversation yet
switcher-start = Start one
switcher-new = New conversation called “{ $text }”
shortcuts-title = Keyboard shortcuts
shortcuts-go = Go
shortcuts-write = Write
shortcuts-message = On a message
shortcuts-window = Window
shortcut-switcher = Jump to a conversation
shortcut-next = Next conversation
shortcut-previous = Previous conversation
shortcut-next-unread = Next unread
shortcut-previous-unread = Previous unread
shortcut-send = Send
shortcut-newline = New line
shortcut-edit-last = Edit last message
shortcut-cancel = Cancel, go back
shortcut-new = New conversation
shortcut-directory = Browse conversations
shortcut-details = Details
shortcut-settings = Settings
shortcut-list = This list
shortcut-quit = Quit Confab
shortcut-text-larger = Larger text
shortcut-text-smaller = Smaller text
shortcut-message-move = Move between messages
shortcut-message-edit = Edit
shortcut-message-copy = Copy text
shortcut-message-unread = Mark unread from here
shortcut-message-delete = Delete
shortcut-message-seen = Who has read it
shortcut-message-profile = Who wrote it
shortcut-read = Mark the conversation read
shortcut-all-read = Mark everything read

## Settings

settings-title = Settings
settings-pages = Settings pages
settings-profile = Profile
settings-appearance = Appearance
settings-roles = Roles
settings-access = Other computers
settings-shortcuts = Shortcuts
settings-about = About Confab
profile-name = Your name
profile-name-hint = As others see it. You still sign in as { $identity }.
profile-saved = Saved
profile-locked = Your role does not let you change your profile. Ask the owner of the workspace.
profile-card = Profile of { $name }
profile-deactivated = May not sign in any more
profile-workspace-role = In the workspace
profile-role-here = Here
profile-edit = Edit profile
profile-message = Write a message
roles-text = A role is a name for what somebody may do. Give it in the details of a conversation, or in somebody’s profile; a change of it counts at once for all who have it.
roles-locked = Only those who may edit roles can change them.
roles-conversation = In conversations
roles-workspace = In the workspace
roles-new = New role
roles-name = Name
roles-name-placeholder = Such as Guest
roles-gives = Whoever has it may
roles-built-in = Always there
roles-built-in-text = This role is always there and stays as it is.
roles-summary = { $count } of { $all } rights
roles-delete = Delete role
roles-delete-sure = Really delete it?
permission-sendMessage = Write messages
permission-sendMediaMessage = Send files
permission-editOwnMessage = Change own messages
permission-editOwnMessageAttributes = Change the data of own messages
permission-deleteOwnMessage = Delete own messages
permission-editAnyMessage = Change messages of others
permission-editAnyMessageAttributes = Change the data of others’ messages
permission-deleteAnyMessage = Delete messages of others
permission-addParticipant = Add people
permission-addNonChatParticipant = Add people from outside the workspace
permission-removeParticipant = Remove people
permission-editOwnParticipantAttributes = Change the data of one’s own participation
permission-editAnyParticipantAttributes = Say what others may do
permission-editConversationName = Rename the conversation
permission-editConversationAttributes = Change the settings of the conversation
permission-deleteConversation = Delete the conversation
permission-editNotificationLevel = Mute it for oneself
permission-leaveConversation = Leave
permission-createConversation = Start conversations
permission-joinConversation = Join public conversations
permission-editOwnUserInfo = Change one’s own profile and status
permission-editAnyUserInfo = Change profiles of others
permission-createInvite = Invite people
permission-revokeInvite = End invitations
permission-editRoles = Make roles and give them
appearance-theme = Theme
appearance-system = System
appearance-light = Light
appearance-dark = Dark
appearance-contrast = High contrast
appearance-reading = Reading
appearance-text-size = Text size
appearance-text-size-value = { $size } %
appearance-density = Conversation list
appearance-roomy = Roomy
appearance-compact = Compact
appearance-motion = Motion
appearance-less-motion = Less motion
appearance-less-motion-hint = If your system asks for less motion, there is less anyway.
access-text = To sign in on another computer you need the address of this workspace, your name and a password.
access-link = Address of the workspace
access-link-hint = It lets nobody in by itself.
access-name = Your name for signing in
access-password-title = Password
access-password-current = Present password, if you have one
access-password-new = New password
access-password-hint = At least 8 characters
access-password-submit = Set password
access-password-done = The password is set.
devices-title = Where you are signed in
devices-current = This computer
devices-unnamed = A computer without a name
devices-last-seen = Last here { $time }
devices-sign-out = Sign out
devices-sign-out-label = Sign out on { $name }
access-hosting = This workspace is on this computer
access-hosting-computer = Only this computer can reach it.
access-hosting-network = Open to this network, at { $addresses }.
access-reach = Open to this network
about-version = Version { $version }
about-text = A desktop chat with its server inside.

## Connection

connection-connecting = Connecting
connection-connecting-text = Messages wait here and go out when you are back
connection-offline = Offline
connection-offline-text = Messages wait here and go out when you are back
connection-denied = Signed out
connection-denied-text = This device was signed out. Sign in again to go on.
connection-try = Try now
connection-sign-in = Sign in

## Refusals: what happened, and what to do

notice-close = Close this notice
stuck = { $action ->
    [create] “{ $subject }” was not made.
    [create_direct] The conversation with { $subject } was not started.
    [configure] { $subject ->
        [unique_name] The short name of “{ $conversation }” was not changed.
        [public_join] Who may join “{ $conversation }” was not changed.
        [state] “{ $conversation }” was neither woken, put to sleep nor closed.
       *[other] When “{ $conversation }” falls asleep was not changed.
    }
    [delete_conversation] “{ $conversation }” was not deleted.
    [rename] “{ $conversation }” was not renamed to “{ $subject }”.
    [set_level] Notifications of “{ $conversation }” were not changed.
    [add_participant] { $subject } was not added to “{ $conversation }”.
    [remove_participant] { $subject } was not removed from “{ $conversation }”.
    [edit] A message in “{ $conversation }” was not changed to “{ $subject }”.
    [remove] A message in “{ $conversation }” was not deleted.
    [set_friendly_name] Your name was not changed to “{ $subject }”.
    [set_role] The role of { $subject } in “{ $conversation }” was not changed.
    [give_role] The role of { $subject } in “{ $conversation }” was not changed.
    [set_flags] What { $subject } may do in “{ $conversation }” was not changed.
    [set_status] How others see you was not changed.
    [revoke_device] A device was not signed out.
    [revoke_invite] An invitation was not ended.
   *[other] Something in “{ $conversation }” was not done.
}
error-bad-frame = This version of Confab and the workspace do not understand each other. Update Confab on both sides.
error-unknown-method = The workspace does not know how to do this yet. Ask its owner to update Confab.
error-invalid-params =
    { $field ->
        [identity] This is not a name one can use. Use letters, digits and signs, without line breaks.
        [friendly_name] This is not a name one can use. Use 1 to 256 characters.
        [unique_name] This is not a name one can use. Use 1 to 256 characters.
        [password] This password cannot be used. Use at least 8 characters.
        [name] This is not a name one can use. Use 1 to 128 characters.
        [body] There is nothing to send. Write something first.
       *[other] Something that was entered cannot be used. Check it and try again.
    }
error-too-large =
    { $field ->
        [body] This message is too long. Shorten it or send it in parts.
        [size] This file is too large. The workspace takes files of at most { $limit }.
        [media] These are too many files for one message. Send at most { $limit } at once.
        [pixels] This picture is too large to be shown in small. Save it to look at it.
        [password] This password is too long. Use at most { $limit } characters.
       *[other] This is too long. Use at most { $limit } characters.
    }
error-limit-reached =
    { $what ->
        [participants] This conversation is full: it holds { $limit } people. Remove somebody first.
        [conversations] You are in { $limit } conversations, which is the most. Leave one first.
        [devices] You are signed in on { $limit } devices, which is the most. Sign out on one first.
        [invites] There are { $limit } live invitations, which is the most. End one first.
        [owners] There has to be an owner. Make somebody else one first.
        [roles] There are { $limit } roles, which is the most. Delete one first.
        [settings] The workspace keeps { $limit } settings for you, which is the most.
        [unsent_files] { $limit } files wait to be sent, which is the most. Send or remove some first.
        [unsent_bytes] What waits to be sent is too large together. Send or remove some files first.
        [connections] There are too many connections to the workspace. Close Confab on another device.
       *[other] A limit of { $limit } is reached. Remove something first.
    }
error-unauthenticated = The workspace does not know you on this device. Sign in again.
error-token-expired = Your sign-in ran out. Sign in again.
error-denied = This device was signed out. Sign in again to go on.
error-forbidden =
    { $permission ->
        [sendMediaMessage] You may not send files here. Ask the owner of the conversation.
        [createInvite] Only the owner of the workspace can invite people. Ask them for a link.
        [addParticipant] You may not add people here. Ask the owner of the conversation.
        [removeParticipant] You may not remove people here. Ask the owner of the conversation.
        [editAnyParticipantAttributes] You may not say what others may do here. Ask an owner of the conversation.
        [sendMessage] You may read here, but not write. Ask an owner of the conversation.
        [editRoles] Your role does not let you change roles. Ask the owner of the workspace.
        [editOwnUserInfo] Your role does not let you change your profile. Ask the owner of the workspace.
        [createConversation] Your role does not let you start conversations. Ask the owner of the workspace.
        [allOfThatRole] You can only give and take what you may do yourself. Ask an owner.
       *[other] You may not do this here. Ask the owner of the conversation.
    }
error-not-found =
    { $what ->
        [user] Nobody here has this name. Check how it is written, or invite them to the workspace first.
        [message] This message is no longer there.
        [media] This file is no longer there. Ask whoever sent it to send it again.
        [thumbnail] There is no picture of this file. Save it to look at it.
        [participant] This person is no longer in this conversation.
        [device] This device is signed out already.
        [conversation] This conversation is no longer there, or you are not in it.
       *[other] This is no longer there. Go back and look again.
    }
error-unique-name-taken = Another conversation has this short name. Choose another.
error-name-taken = Somebody here already has this name. Choose another, or enter the right password if it is yours.
error-already-participant = This person is already in this conversation.
error-wrong-password = The name or the password is not right. Check both and try again.
error-invite-unknown = This invitation was ended or never existed. Ask for a new one.
error-invite-expired = This invitation has ended. Ask for a new one.
error-invite-used-up = This invitation was used as often as it may be. Ask for a new one.
error-deactivated = This account is switched off. Ask the owner of the workspace.
error-message-removed = This message was deleted, so it can no longer be changed.
error-direct-conversation =
    { $rule ->
        [two_people] This needs one other person. Choose somebody else than yourself.
       *[other] A conversation of two people stays theirs. Start another one for more people.
    }
error-role-in-use =
    { $reason ->
        [built_in] This role is always there and stays as it is. Make another one.
       *[other] Somebody still has this role. Give them another one first.
    }
error-not-joinable = This conversation lets nobody in by themselves. Ask somebody who is in it to add you.
error-conversation-closed = This conversation is closed and takes no more changes. Start a new one.
error-file-unreadable = This file cannot be read. Look whether it is still there, then attach it again.
error-media-incomplete = This file has not been uploaded whole. Attach it again.
error-media-in-use = This file is in another message already. Attach it again.
error-unsupported-type = The workspace does not take files of this type. Send another one, or ask its owner.
error-offset-mismatch = The upload goes on elsewhere. It is tried again by itself.
error-url-expired = This address of the file has ended. Open the file again.
error-url-invalid = This is no address of a file of this workspace. Open the file again.
error-client-id-reused = This was already done in another way. Look again and repeat it if it is still needed.
error-out-of-order = Something written earlier has not arrived yet. It is tried again by itself.
error-rate-limited = That was a lot at once. Wait a moment and try again.
error-unavailable = The workspace could not take this now. Try again in a moment.
error-storage-full = The computer that keeps the workspace has no room left on its disk. Make room there, or ask its owner to; what you write waits here and goes out then.
error-internal = Something went wrong and nothing was changed. Try again; if it happens again, restart Confab.
error-unsupported-version = Confab here and in the workspace are too far apart in age. Update the older one.
error-epoch-changed = The workspace was restored from a backup. Everything is being loaded again.
error-unknown = This did not work. Try again; if it happens again, update Confab.

## Refusals of this computer

error-unreachable = The workspace at { $address } does not answer. Check that its computer is on and that you are on the same network.
error-fingerprint-mismatch = What answers there is not the workspace of this link. Ask for a new link, and do not enter a password here.
error-not-an-invite = This is not an invitation. It should begin with confab://join/ and be pasted whole.
error-newer-link = This invitation was made by a newer Confab. Update Confab and open it again.
error-not-an-address = This is neither a link nor an address. An address looks like 192.168.1.20:7420.
error-fingerprint-unknown = An address alone does not prove which workspace answers at { $address }. Paste the link of the workspace instead: another device shows it in Settings, under Other computers.
error-cannot-listen = This computer cannot take calls at { $address }. Check its network settings and try again.
error-keyring-locked = Your sign-in is in a keyring that is locked. Unlock the keyring and start Confab again.
error-outbox-set-aside = What was not sent yet could not be read and was put aside at { $path }. Send it again where it is missing.
error-timed-out = The workspace took too long to answer. Check the connection and try again.
error-port-in-use = Port { $port } of this computer is taken by another program. Close that program and try again.
error-data-dir-unwritable = Confab cannot write to { $path }. Give yourself the right to write there, or choose another place with --data-dir.
error-data-dir-locked = Another Confab is using { $path }. Close it and try again.
error-keyring-missing = This system has no keyring, so your sign-in is kept in a file that only you can read.
error-disk-full = The disk of this computer is full. Make room; until then what you write is kept only as long as Confab stays open, and is not sent.
error-newer-data = This data was written by a newer Confab. Update Confab to open it.
error-conversation-deleted = The conversation “{ $name }” was deleted for everyone. Nothing of it is kept here.
error-no-longer-participant = You are no longer in “{ $name }”. Ask somebody who is in it to add you again.
error-offline = You are not connected. Try again when you are back.
error-not-signed-in = Nobody is signed in. Sign in first.
error-already-signed-in = You are in a workspace already. Sign out of it to join another.
error-too-many-at-once = These are many files at once. Wait until some of them are done, then try again.
error-no-files = Folders cannot be sent. Pack it into one file first, then send that.
error-cannot-save = This file cannot be saved to { $path }. Give yourself the right to write there and try again.
error-no-room-to-save = There is no room for this file on the disk of this computer. Make room and try again.
error-not-saved = This file is no longer where it was saved. Save it once more.
error-cannot-open = This computer has no program that opens this file. Look for it in your downloads.
error-copy-failed = This could not be copied. Select it and copy it by hand.
