# Completion of xbus(1) for fish: `xbus complete` does the thinking.
function __xbus_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l found (xbus complete --shell fish -- $words[2..-1] "$word" 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path "$word"
    else
        printf '%s\n' $found
    end
end
complete -c xbus -f -a '(__xbus_complete)'
