#compdef dramatiq
# Completion of dramatiq for zsh: eval "$(dramatiq completion zsh)" in ~/.zshrc, after compinit
_dramatiq() {
    local line="${LBUFFER#* }"
    local -a suggestions
    suggestions=("${(@f)$(dramatiq "[suggest:${#line}]" "$line" 2>/dev/null)}")
    suggestions=("${(@)suggestions:#}")
    if (( $#suggestions )); then compadd -- "${suggestions[@]}"; else _files; fi
}
compdef _dramatiq dramatiq
