//! A master opens, slaves follow: once, in time, or with a reason why not.

use super::play;

#[test]
fn a_master_opens_and_closes() {
    play(
        "0    | master: says              |
         0    | 2001: connects            |
         0    | 2001: says                |
         0    | 2002: connects            |
         0    | 2002: says                |
         100  | master: 1 buy 0.10 sl 1990 tp 2010 | 2001 open 1 buy 0.05 sl 1990 tp 2010; 2002 open 1 buy 0.05 sl 1990 tp 2010
              | look 2001 1               | sent 0.00 of 0.00!
         120  | 2001: answers done 0.05   |
              | look 2001 1               | open 0.05 of 0.05!
         130  | 2001: has 1 0.05 sl 1990 tp 2010 |
              | look 2001 1               | open 0.05 of 0.05
         140  | 2002: answers done 0.05   |
         150  | 2002: has 1 0.05 sl 1990 tp 2010 |
         500  | master: 1 closed          | 2001 reduce 1 to 0.00; 2002 reduce 1 to 0.00
         520  | 2001: answers done 0.05   |
              | look 2001 1               | closing 0.00 of 0.05!
         530  | 2001: lost 1              |
              | look 2001 1               | closed 0.00 of 0.05
         540  | 2002: answers done 0.05   |
         550  | 2002: lost 1              |
              | look 2002 1               | over",
    );
}

#[test]
fn what_the_server_says_of_an_open() {
    for (answer, then) in [
        ("10006", "rejected 0.00 of 0.00 rejected_10006"),
        ("10018", "planned 0.00 of 0.00!"),
        ("10012", "in doubt 0.00 of 0.00!"),
        ("10008", "in doubt 0.00 of 0.00!"),
        ("done 0.00", "in doubt 0.00 of 0.00!"),
        ("done 0.03", "open 0.03 of 0.03!"),
        ("already", "in doubt 0.00 of 0.00!"),
        ("too_late", "skipped 0.00 of 0.00 too_late"),
    ] {
        play(&format!(
            "0   | master: says            |
             0   | 2001: connects          |
             0   | 2001: says              |
             100 | master: 1 buy 0.10      | 2001 open 1 buy 0.05
             120 | 2001: answers {answer}  |
                 | look 2001 1             | {then}"
        ));
    }
}

#[test]
fn a_server_that_says_try_again_is_asked_five_times_and_not_in_a_burst() {
    play(
        "0    | master: says         |
         0    | 2001: connects       |
         0    | 2001: says           |
         100  | master: 1 buy 0.10   | 2001 open 1 buy 0.05
         110  | 2001: answers 10024  | 2001 open 1 buy 0.05
         120  | 2001: answers 10024  |
         360  | wait                 |
         370  | wait                 | 2001 open 1 buy 0.05
         380  | 2001: answers 10024  |
         880  | wait                 | 2001 open 1 buy 0.05
         900  | 2001: answers 10024  |
         1900 | wait                 | 2001 open 1 buy 0.05
         1910 | 2001: answers 10024  |
              | look 2001 1          | rejected 0.00 of 0.00 rejected_10024",
    );
}

#[test]
fn nothing_is_sent_before_a_session_has_shown_its_account() {
    play(
        "0    | master: says         |
         0    | 2001: connects       |
         0    | 2001: says           |
         50   | 2001: breaks off     |
         100  | master: 1 buy 0.10   |
         200  | 2001: connects       |
         300  | 2001: offline        |
         400  | 2001: says           | 2001 open 1 buy 0.05",
    );
}

#[test]
fn the_account_may_show_it_before_the_report_comes() {
    play(
        "0    | master: says            |
         0    | 2001: connects          |
         0    | 2001: says              |
         100  | master: 1 buy 0.10      | 2001 open 1 buy 0.05
         110  | 2001: has 1 0.05        |
              | look 2001 1             | open 0.05 of 0.05!
         120  | 2001: answers done 0.05 |
              | look 2001 1             | open 0.05 of 0.05",
    );
}

#[test]
fn the_master_closes_while_the_open_is_under_way() {
    play(
        "0    | master: says            |
         0    | 2001: connects          |
         0    | 2001: says              |
         100  | master: 1 buy 0.10      | 2001 open 1 buy 0.05
         110  | master: 1 closed        |
         120  | 2001: answers done 0.05 | 2001 reduce 1 to 0.00
         125  | 2001: answers already   |
              | look 2001 1             | open 0.05 of 0.05!
         130  | 2001: says              |
         375  | wait                    | 2001 reduce 1 to 0.00
         400  | 2001: has 1 0.05        |
         410  | 2001: answers done 0.05 |
         420  | 2001: lost 1            |
              | look 2001 1             | over",
    );
}

#[test]
fn a_position_that_the_master_does_not_show_is_not_opened() {
    play(
        "0    | master: says            |
         0    | 2001: connects          |
         0    | 2001: says              |
         50   | 2001: offline           |
         100  | master: 1 buy 0.10      |
         200  | master: 1 missing       |
         300  | 2001: says              |
         400  | master: back            | 2001 open 1 buy 0.05",
    );
}

/// A state that is older than the close, or a terminal that shows again what it has closed.
#[test]
fn what_is_over_is_not_opened_again() {
    for restart in ["wait", "hub: restarts"] {
        play(&format!(
            "0   | master: says            |
             0   | 2001: connects          |
             0   | 2001: says              |
             100 | master: 1 buy 0.10      | 2001 open 1 buy 0.05
             110 | 2001: answers done 0.05 |
             120 | 2001: has 1 0.05        |
             200 | master: 1 closed        | 2001 reduce 1 to 0.00
             210 | 2001: answers done 0.05 |
             220 | 2001: lost 1            |
                 | look 2001 1             | over
             230 | {restart}               |
             240 | 2001: connects          |
             250 | 2001: says              |
             300 | master: 1 buy 0.10      |
             310 | 2001: says              |
                 | look 2001 1             | over"
        ));
    }
}
