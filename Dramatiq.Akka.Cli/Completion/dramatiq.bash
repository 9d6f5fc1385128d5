# Completion of dramatiq for bash: eval "$(dramatiq completion bash)" in ~/.bashrc
_dramatiq() {
    local line="${COMP_LINE:0:COMP_POINT}" word="${COMP_WORDS[COMP_CWORD]}" suggestion
    line="${line#* }"
    COMPREPLY=()
    while IFS= read -r suggestion; do
        [[ -n $suggestion && $suggestion == "$word"* ]] && COMPREPLY+=("$suggestion")
    done < <(dramatiq "[suggest:${#line}]" "$line" 2>/dev/null)
}
complete -o default -F _dramatiq dramatiq
