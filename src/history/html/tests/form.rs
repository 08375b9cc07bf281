//! How a report is written: columns, encodings, breaks.

use crate::history::tests::samples::{DEPOSIT, DealRow, account, cells, small_tester, tds, tester, utf16};
use crate::history::{Format, HistoryError, read};

#[test]
fn a_tester_report() {
    let history = read(small_tester().as_bytes()).unwrap();
    assert_eq!((history.format, history.format.name()), (Format::HtmlReport, "mt5_html_report"));
    assert_eq!(
        (history.currency.unwrap().as_str(), history.leverage, history.login),
        ("USD", Some(500), None)
    );
    assert_eq!(history.opening_balance, Some("1000".parse().unwrap()));
    assert!(history.balance_operations[0].opening);
    assert!(history.notes.is_empty(), "{:?}", history.notes);
    let [first, second] = &history.positions[..] else { panic!("two positions") };
    assert_eq!(
        (first.id, first.stop_loss, first.take_profit),
        (Some(2), Some("1990".parse().unwrap()), Some("2020".parse().unwrap()))
    );
    assert_eq!(
        (first.open_commission, first.exits[0].swap),
        ("-0.5".parse().unwrap(), "-1.2".parse().unwrap())
    );
    assert_eq!(second.exits[0].profit, "-160".parse().unwrap(), "a blank after the sign");
    let balances: Vec<String> =
        history.running_balances.iter().map(|running| running.balance.to_string()).collect();
    assert_eq!(balances, ["1000.00", "999.50", "999.00", "1198.80", "1038.80"]);
}

#[test]
fn every_encoding_reads_alike() {
    for text in [small_tester(), account()] {
        let plain = read(text.as_bytes()).unwrap();
        for (mark, big) in [(true, false), (true, true), (false, false), (false, true)] {
            assert_eq!(read(&utf16(&text, mark, big)).unwrap(), plain, "mark {mark}, big-endian {big}");
        }
        assert_eq!(read(text.replace('\n', "\r\n").as_bytes()).unwrap(), plain);
        assert_eq!(read(text.replace('\n', "").as_bytes()).unwrap(), plain);
        assert_eq!(
            read(text.to_uppercase().replace("&NBSP;", "&nbsp;").as_bytes()).unwrap().positions.len(),
            plain.positions.len()
        );
    }
}

#[test]
fn columns_in_another_order_and_number() {
    let plain = read(small_tester().as_bytes()).unwrap();
    // The Deals table with Swap first, an unknown column last, and no Comment.
    let text = small_tester();
    let rows = text.lines().map(|line| {
        let deal = line.starts_with("<tr bgcolor") && line.matches("<td>").count() == 13;
        if !deal {
            return line.to_owned();
        }
        let mut cells: Vec<&str> =
            line.split("<td>").skip(1).map(|cell| cell.split("</td>").next().unwrap()).collect();
        let swap = cells.remove(9);
        cells.pop();
        let last = if swap == "Swap" { "Mood" } else { "fine" };
        let cells: Vec<&str> = [swap].into_iter().chain(cells).chain([last]).collect();
        format!("<tr>{}</tr>", tds(&cells))
    });
    let other = read(rows.collect::<Vec<_>>().join("\n").as_bytes()).unwrap();
    assert_eq!(other.notes, ["Columns that are not read: mood."]);
    assert_eq!(other.running_balances, plain.running_balances);
    for (own, same) in other.positions.iter().zip(&plain.positions) {
        assert_eq!(
            (own.open_price, own.stop_loss, own.open_commission),
            (same.open_price, same.stop_loss, same.open_commission)
        );
        assert_eq!(own.exits[0].swap, same.exits[0].swap);
    }
}

#[test]
fn what_breaks_off_is_said() {
    let text = small_tester();
    let end = text.rfind("</table>").unwrap();
    assert!(matches!(read(&text.as_bytes()[..end]), Err(HistoryError::Truncated { opened: 2, closed: 1 })));
    // Between the tables: nothing is open, but there are no deals.
    let first = text.find("</table>").unwrap() + "</table>".len();
    assert!(matches!(read(&text.as_bytes()[..first]), Err(HistoryError::UnknownFormat { .. })));
}

/// What is changed, and what the error says.
#[test]
fn every_mistake_has_its_place() {
    for (from, to, says) in [
        (
            "<td>Profit</td>",
            "<td>Gain</td>",
            "the Deals table has no column \"profit\"; it has: Time, Deal, Symbol",
        ),
        ("<td>Deal</td>", "<td>Trade</td>", "the Deals table has no column \"deal\""),
        ("<td>State</td>", "<td>Status</td>", "the Orders table has no column \"state\""),
        ("<td>2005.00</td>", "<td>2005.00</td><td>1</td>", "14 columns, the header has 13"),
        ("<td>2005.00</td>", "", "12 columns, the header has 13"),
        ("<td>2005.00</td>", "<td>high</td>", "Price: \"high\" is not a number"),
        ("<td>2005.00</td>", "<td>0.00</td>", "Price: \"0.00\" is not a price"),
        (
            "<td>in</td>",
            "<td>inside</td>",
            "Direction: \"inside\" is not known; allowed: in, out, in/out, out by",
        ),
        ("<td>balance</td>", "<td>gift</td>", "Type: \"gift\" is not known; allowed: buy, sell, balance"),
        (
            "<td>2025.01.03 10:00:00</td><td>4</td>",
            "<td>yesterday</td><td>4</td>",
            "Time: \"yesterday\" is not a time",
        ),
        (
            "<td>0.10</td><td>2020.10</td>",
            "<td>0.11</td><td>2020.10</td>",
            "closes 0.11 lots where 0.10 are open",
        ),
        (
            "<td>0.10</td><td>2020.10</td>",
            "<td>-0.10</td><td>2020.10</td>",
            "Volume: \"-0.10\" is not a volume",
        ),
        ("<td>filled</td>", "<td>filled</td><td></td>", "12 columns, the header has 11"),
        ("<td>- 160.00</td>", "<td>- 1 60.00</td>", "Profit: \"- 1 60.00\" is not a number"),
    ] {
        let text = small_tester();
        assert!(text.contains(from), "{from}");
        let error = read(text.replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
        assert!(error.contains(says), "{from} -> {to}: {error}");
    }
}

#[test]
fn mixed_up_files_are_refused() {
    let text = small_tester();
    let (start, end) = (text.find("<table>").unwrap(), text.rfind("</table>").unwrap() + 8);
    let twice = format!("{}{}{}", &text[..end], &text[start..end], &text[end..]);
    assert!(matches!(read(twice.as_bytes()), Err(HistoryError::HeaderRepeated { .. })));
    let header = text.lines().find(|line| line.contains("Direction")).unwrap();
    let deal = text.lines().find(|line| line.contains("2020.10")).unwrap();
    let again = text.replace(deal, &format!("{header}\n{deal}"));
    assert!(matches!(read(again.as_bytes()), Err(HistoryError::HeaderRepeated { .. })));
    // A trade after the table's sums would be lost without a word.
    let after = text.replace("<tr><td></td></tr>", deal);
    assert!(matches!(read(after.as_bytes()), Err(HistoryError::StrayRow { .. })));
}

#[test]
fn rows_need_not_be_in_the_order_of_time() {
    let deals = [
        "2025.01.02 10:00:00|2|GBPUSD|buy|in|0.10|1.30000|2|0.00|0.00|0.00|1 000.00|",
        "2025.01.02 12:00:00|4|GBPUSD|buy|in|0.10|1.29000|3|0.00|0.00|0.00|1 000.00|",
        "2025.01.02 11:00:00|3|GBPUSD|sell|out|0.10|1.29500|4|0.00|0.00|-50.00|950.00|",
        "2025.01.02 13:00:00|5|GBPUSD|sell|out|0.10|1.29100|5|0.00|0.00|10.00|960.00|",
    ];
    let deals: Vec<DealRow<'_>> = [DEPOSIT].into_iter().chain(deals.map(cells)).collect();
    let history = read(tester(&[], &deals).as_bytes()).unwrap();
    let profits: Vec<String> =
        history.positions.iter().map(|position| position.exits[0].profit.to_string()).collect();
    assert_eq!(profits, ["-50.00", "10.00"]);
}

#[test]
fn titles_say_what_a_table_is() {
    // Placed orders under their own title have the header of the others.
    let text = account();
    let orders = text.lines().find(|line| line.contains("Open Time")).unwrap();
    let placed = text.lines().find(|line| line.contains("buy limit")).unwrap().replace("canceled", "placed");
    let title = "<tr><th colspan=\"13\">Working Orders</th></tr>";
    let results = text.lines().find(|line| line.contains("Results")).unwrap();
    let more = text.replace(results, &format!("{title}\n{orders}\n{placed}\n{results}"));
    let history = read(more.as_bytes()).unwrap();
    assert_eq!(history.pending_orders, 1);
    assert!(history.notes.iter().any(|note| note.starts_with("1 pending orders are still placed")));
    // A Positions table without its closing time is no list of open positions.
    let first = text.lines().find(|line| line.contains("<td>Position</td>")).unwrap();
    let error = read(text.replace(first, &first.replacen("<td>Time</td>", "<td>When</td>", 1)).as_bytes());
    let error = error.unwrap_err().to_string();
    assert!(error.contains("the Positions table has no column \"time\""), "{error}");
}
