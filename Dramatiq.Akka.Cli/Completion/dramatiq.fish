# Completion of dramatiq for fish: dramatiq completion fish > ~/.config/fish/completions/dramatiq.fish
function __dramatiq_suggest
    set -l line (commandline --cut-at-cursor --current-process | string replace --regex '^\s*\S+\s+' '')
    dramatiq "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
end
complete --command dramatiq --no-files --arguments '(__dramatiq_suggest)'
