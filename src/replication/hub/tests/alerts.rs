//! What the manager is told.

use super::play;

#[test]
fn a_close_that_is_refused_again_and_again_is_told_and_never_given_up() {
    let refusals = [(500, 520), (770, 780), (1290, 1300), (2310, 2320), (4330, 4340)];
    let script = refusals.map(|(asked, answered)| {
        let what = if asked == 500 { "master: 1 closed" } else { "2001: says" };
        format!("{asked} | {what} | 2001 reduce 1 to 0.00\n{answered} | 2001: answers 10018 |\n")
    });
    play(&format!(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         100  | master: 1 buy 0.10        | 2001 open 1 buy 0.05
         120  | 2001: answers done 0.05   |
         130  | 2001: has 1 0.05          |
              | alerts                    |
         {}
              | alerts                    | slave 2001: copy 1:1 could not be closed in 5 attempts, the trade server says 10018 (market closed); it is asked again: look at its terminal
         8400 | 2001: says                | 2001 reduce 1 to 0.00
         8410 | 2001: answers done 0.05   |
         8420 | 2001: lost 1              |
              | look 2001 1               | over",
        script.join("")
    ));
}
