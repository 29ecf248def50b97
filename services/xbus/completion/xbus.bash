# Completion of xbus(1) for bash: `xbus complete` does the thinking.
_xbus() {
  local found
  mapfile -t found < <(xbus complete --shell bash --word "$2" -- "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  if [ "${found[0]-}" = :files ]; then
    compopt -o default
    COMPREPLY=()
  else
    COMPREPLY=("${found[@]}")
  fi
}
complete -F _xbus xbus
