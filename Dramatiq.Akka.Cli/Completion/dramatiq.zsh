#compdef dramatiq
# Completion of dramatiq for zsh: eval "$(dramatiq completion zsh)" in ~/.zshrc, after compinit
_dramatiq() {
    local -a typed suggestions
    typed=("${(@)words[2,CURRENT - 1]}" "$PREFIX")   # what follows the command's own word, whatever stands before it on the line
    (( CURRENT == 2 )) && typed=("$PREFIX")
    local line="${(j: :)typed}"
    suggestions=("${(@f)$(dramatiq "[suggest:${#line}]" "$line" 2>/dev/null)}")
    suggestions=("${(@)suggestions:#}")
    if (( $#suggestions )); then compadd -- "${suggestions[@]}"; else _files; fi
}
compdef _dramatiq dramatiq
