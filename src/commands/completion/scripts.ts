import { isLeaf, type Described, type Place } from './command-tree.js';

/** Completes commands, options and choices; elsewhere the shell completes files, as it always does. */
export function bashScript(program: string, places: readonly Place[]): string {
  const words = places.map((place) => `    ${quote(place.at)}) words=${quote(namesIn(place).join(' '))} ;;`);
  const choices = choicesIn(places).map(
    ([at, option, values]) =>
      `    ${quote(`${at} ${option}`)}) COMPREPLY=($(compgen -W ${quote(values.join(' '))} -- "$cur")); return ;;`,
  );
  return `# titanflow completion for bash: source <(${program} completion bash)
_${program}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
      ${patternsOf(places)}) at="$at $word" ;;
    esac
  done
  case "$at $prev" in
${choices.join('\n')}
  esac
  case "$at" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _${program} ${program}
`;
}

export function zshScript(program: string, places: readonly Place[]): string {
  const words = places.map((place) => {
    const described = (all: readonly Described[]): string => all.map((one) => quote(zshEntry(one))).join(' ');
    return `    ${quote(place.at)}) commands=(${described(place.commands)}); options=(${described(place.options)}) ;;`;
  });
  const choices = choicesIn(places).map(
    ([at, option, values]) => `    ${quote(`${at} ${option}`)}) compadd -- ${values.map(quote).join(' ')}; return ;;`,
  );
  return `#compdef ${program}
# titanflow completion for zsh: source <(${program} completion zsh)
_${program}() {
  local at='' word
  local -a commands options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${patternsOf(places)}) at="$at $word" ;;
    esac
  done
  case "$at $words[CURRENT-1]" in
${choices.join('\n')}
  esac
  case "$at" in
${words.join('\n')}
  esac
  if [[ $words[CURRENT] == -* ]]; then
    _describe -o option options
  elif (( $#commands )); then
    _describe command commands
  else
    _files
  fi
}
compdef _${program} ${program}
`;
}

export function fishScript(program: string, places: readonly Place[]): string {
  const lines = places.flatMap((place) => {
    const here = `complete -c ${program} -n ${fishQuote(`__${program}_at ${fishQuote(place.at)}`)}`;
    return [
      ...(isLeaf(place) ? [] : [`${here} -f`]),
      ...place.commands.map(({ name, description }) => `${here} -a ${name} -d ${fishQuote(description)}`),
      ...place.options.map(({ name, description, choices }) => {
        const values = choices.length === 0 ? '' : ` -x -a ${fishQuote(choices.join(' '))}`;
        return `${here} -l ${name.slice(2)}${values} -d ${fishQuote(description)}`;
      }),
    ];
  });
  return `# titanflow completion for fish: ${program} completion fish | source
function __${program}_at
  set -l at ''
  for word in (commandline -opc)[2..]
    switch "$at $word"
      case ${places.flatMap(({ at }) => (at === '' ? [] : [fishQuote(at)])).join(' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function namesIn({ commands, options }: Place): readonly string[] {
  return [...commands, ...options].map(({ name }) => name);
}

function choicesIn(
  places: readonly Place[],
): readonly (readonly [at: string, option: string, values: readonly string[]])[] {
  return places.flatMap(({ at, options }) =>
    options.flatMap(({ name, choices }) => (choices.length === 0 ? [] : [[at, name, choices] as const])),
  );
}

function patternsOf(places: readonly Place[]): string {
  return places.flatMap(({ at }) => (at === '' ? [] : [quote(at)])).join('|');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}

function zshEntry({ name, description }: Described): string {
  return `${name}:${description.replaceAll(':', String.raw`\:`)}`;
}
