/** The same function, which makes its answer anew only when it is asked for something else than the last time. */
export function rememberLast<Of, Answer>(make: (of: Of) => Answer): (of: Of) => Answer {
  let last: { readonly of: Of; readonly answer: Answer } | undefined;
  return (of) => {
    if (last === undefined || last.of !== of) last = { of, answer: make(of) };
    return last.answer;
  };
}
