# What the shell says outside its window's page.

# Title of the window before anyone is signed in.
window-title-empty = Confab
# $name is the workspace.
window-title = Confab — { $name }
window-title-unread = ({ $count }) Confab — { $name }

# What a notification does when it is clicked.
notification-open = Open
# First line of a notification when the conversation has a name; $author wrote in $conversation.
notification-title = { $author } in { $conversation }

# What a message without a text holds. $kind is photo, video, audio or file.
notification-files = { $kind ->
    [photo] { $count ->
        [one] Photo
       *[other] { $count } photos
    }
    [video] { $count ->
        [one] Video
       *[other] { $count } videos
    }
    [audio] { $count ->
        [one] Sound
       *[other] { $count } sounds
    }
   *[file] { $count ->
        [one] File
       *[other] { $count } files
    }
}

# Title of the dialog in which one says where a file is to be saved.
save-title = Save as

# Spoken for the number drawn over the icon in the task bar.
badge-unread =
    { $count ->
        [one] { $count } unread message
       *[other] { $count } unread messages
    }
