//! Invented histories.

/// A positions CSV, newest close first.
pub const POSITIONS: &str = "\
Time;Type;Volume;Symbol;Price;Volume;Time;Price;Commission;Swap;Profit
2026.03.05 10:00:00;Sell;0.02;XAUUSD;2010.5;0.02;2026.03.05 12:30:15;2008.25;-0.14;;4.5
2026.03.04 09:00:00;Buy;0.01;XAUUSD;2000;0.01;2026.03.04 11:00:00;2001.36;-0.07;-0.3;1.3599999999999999
2026.03.04 09:00:00;Buy;0.01;XAUUSD;2000;0.01;2026.03.04 10:00:00;1999;-0.07;;-1
2026.03.02 08:00:00;Balance;;;;;;;;;1000
";

/// An order-book CSV with a stop that was moved, one that was not, a pending order, a withdrawal.
pub const ORDER_BOOK: &str = "\
Time;Type;Volume;Symbol;Price;S/L;T/P;Time;Price;Commission;Swap;Profit;Comment
2026.03.06 10:00:00;Buy Stop;0.01;XAUUSD;2 050.00;2 040.00;2 070.00;2026.03.07 10:00:00;2 020.00;;;;cancelled
2026.03.05 10:00:00;Sell;0.01;XAUUSD;2 010.00;2 009.00;1 990.00;2026.03.05 12:00:00;2 009.10;-0.18;;0.90;[sl]
2026.03.04 10:00:00;Buy;0.02;XAUUSD;2 000.00;1 995.00;2 012.00;2026.03.05 09:00:00;2 012.10;-0.36;-1.20;24.20;[tp]
2026.03.03 09:00:00;Balance;;;;;;;;;;-1 293.00;Withdrawal
";

/// A deal's row: time, deal, symbol, type, direction, volume, price, order, commission, swap, profit, balance, comment.
pub type DealRow<'a> = [&'a str; 13];

/// As the cells of a row.
pub fn tds(cells: &[&str]) -> String {
    cells.iter().flat_map(|cell| ["<td>", cell, "</td>"]).collect()
}

fn row(cells: &[&str]) -> String {
    format!("<tr bgcolor=\"#FFFFFF\" align=right>{}</tr>\n", tds(cells))
}

/// A row of cells that bars separate; `State*2` spans two columns.
fn spanned(line: &str) -> String {
    let cell = |cell: &str| match cell.split_once('*') {
        Some((text, span)) => format!("<td colspan=\"{span}\">{text}</td>"),
        None => tds(&[cell]),
    };
    let cells: Vec<String> = line.split('|').map(cell).collect();
    format!("<tr>{}</tr>\n", cells.concat())
}

fn title(name: &str) -> String {
    format!("<tr align=\"center\"><th colspan=\"13\"><div><b>{name}</b></div></th></tr>\n")
}

fn page(head: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><title>Report</title></head>\n<body><div>\n<table>{head}</table>\n\
         <table>\n{body}</table>\n</div></body></html>\n"
    )
}

/// A tester's report with these orders (number, stop loss, take profit, comment) and deals.
pub fn tester(orders: &[[&str; 4]], deals: &[DealRow<'_>]) -> String {
    const TIME: &str = "2025.01.02 10:00:00";
    let head = [spanned("Currency:*3|<b>USD</b>*10"), spanned("Leverage:*3|<b>1:500</b>*10")].concat();
    let mut body = title("Orders");
    body += &spanned("Open Time|Order|Symbol|Type|Volume*2|Price|S / L|T / P|Time*2|State|Comment");
    body.extend(orders.iter().map(|[number, loss, profit, comment]| {
        spanned(&format!(
            "{TIME}|{number}|XAUUSD|buy|0.1 / 0.1*2|0.00|{loss}|{profit}|{TIME}*2|filled|{comment}"
        ))
    }));
    body += &title("Deals");
    body += &row(&cells::<13>(
        "Time|Deal|Symbol|Type|Direction|Volume|Price|Order|Commission|Swap|Profit|Balance|Comment",
    ));
    body.extend(deals.iter().map(|cells| row(cells)));
    body += &spanned("*8|-1.00|0.00|5.00|1 004.00|");
    body += "<tr><td></td></tr>\n";
    page(&head, &body)
}

/// Cells that bars separate.
pub fn cells<const N: usize>(line: &'static str) -> [&'static str; N] {
    let found: Vec<&str> = line.split('|').map(str::trim).collect();
    found.try_into().unwrap()
}

/// The tester's first row.
pub const DEPOSIT: DealRow<'static> =
    ["2025.01.01 00:00:00", "1", "", "balance", "", "", "", "", "0.00", "0.00", "1 000.00", "1 000.00", ""];

/// A small tester's report: two positions open at once.
pub fn small_tester() -> String {
    let orders = [
        ["2", "1990.00", "2020.00", "grid #1"],
        ["3", "", "", ""],
        ["4", "", "", "tp 2020.00"],
        ["5", "", "", ""],
    ];
    let deals = [
        "2025.01.02 10:00:00|2|XAUUSD|buy|in|0.10|2000.00|2|-0.50|0.00|0.00|999.50|grid #1",
        "2025.01.02 11:00:00|3|XAUUSD|sell|in|0.10|2005.00|3|-0.50|0.00|0.00|999.00|",
        "2025.01.03 10:00:00|4|XAUUSD|sell|out|0.10|2020.10|4|0.00|-1.20|201.00|1 198.80|tp 2020.00",
        "2025.01.03 11:00:00|5|XAUUSD|buy|out|0.10|2021.00|5|0.00|0.00|- 160.00|1 038.80|",
    ];
    let deals: Vec<DealRow<'_>> = [DEPOSIT].into_iter().chain(deals.map(cells)).collect();
    tester(&orders, &deals)
}

/// A row whose cell at `at` is one that only MetaTrader shows.
fn with_hidden<const N: usize>(line: &'static str, at: usize, hidden: &str) -> String {
    let cells: [&str; N] = cells(line);
    let (front, back) = cells.split_at(at);
    format!("<tr>{}{hidden}{}</tr>\n", tds(front), tds(back))
}

/// An account's trade history: hidden cells, Fee, Credit, a partial close, an open position, everything in one table.
pub fn account() -> String {
    let mut body = spanned("Account:*3|<b>12345678&nbsp;(USD, Broker-Live, real, Hedge)</b>*10");
    body += &title("Positions");
    body +=
        &spanned("Time|Position|Symbol|Type|Volume|Price|S / L|T / P|Time|Price|Commission|Swap|Profit*2");
    for line in [
        "2025.02.03 10:00:00|501|EURUSD|buy|0.10|1.10000|1.09000||2025.02.03 12:00:00|1.10200|-0.35|0.00|20.00",
        "2025.02.03 10:00:00|501|EURUSD|buy|0.20|1.10000|1.09000||2025.02.03 15:00:00|1.10300|-1.75|-0.40|60.00",
        "2025.02.04 10:00:00|502|XAUUSD.a|sell|0.05|2 650.00||2 640.00|2025.02.04 18:00:00|2 640.00|-0.70|0.00|50.00",
    ] {
        body += &with_hidden::<13>(line, 4, "<td class=\"hidden\" colspan=\"8\">propX:note</td>");
    }
    body += &title("Orders");
    body += &spanned("Open Time|Order|Symbol|Type|Volume|Price|S / L|T / P|Time|State*2|Comment*3");
    for line in [
        "2025.02.03 10:00:00|501|EURUSD|buy|0.3 / 0.3|market|1.09500||2025.02.03 10:00:00|filled*2|*3",
        "2025.02.04 10:00:00|502|XAUUSD.a|sell|0.05 / 0.05|market|||2025.02.04 10:00:00|filled*2|*3",
        "2025.02.04 10:00:00|777|EURUSD|buy limit|1 / 0|1.05|1.01||2025.02.04 10:00:00|canceled*2|*3",
    ] {
        body += &spanned(line);
    }
    body += &title("Deals");
    let deals =
        "Time|Deal|Symbol|Type|Direction|Volume|Price|Order|Commission|Fee|Swap|Profit|Balance|Comment";
    body += &with_hidden::<14>(deals, 8, "<td class=\"hidden\">Cost</td>");
    for line in [
        "2025.02.01 09:00:00|900||balance|||||0.00|0.00|0.00|5 000.00|5 000.00|Deposit",
        "2025.02.01 09:00:01|901||credit|||||0.00|0.00|0.00|50.00|5 000.00|Bonus",
        "2025.02.03 10:00:00|902|EURUSD|buy|in|0.30|1.10000|501|-1.05|0.00|0.00|0.00|4 998.95|",
        "2025.02.03 12:00:00|903|EURUSD|sell|out|0.10|1.10200|503|-0.35|0.00|0.00|20.00|5 018.60|",
        "2025.02.03 15:00:00|904|EURUSD|sell|out|0.20|1.10300|504|-0.60|-0.10|-0.40|60.00|5 077.50|",
        "2025.02.04 10:00:00|905|XAUUSD.a|sell|in|0.05|2 650.00|502|-0.35|0.00|0.00|0.00|5 077.15|",
        "2025.02.04 18:00:00|906|XAUUSD.a|buy|out|0.05|2 640.00|505|-0.35|0.00|0.00|50.00|5 126.80|[tp 2640.00]",
        "2025.02.05 10:00:00|907|EURUSD|buy|in|0.10|1.10500|506|-0.35|0.00|0.00|0.00|5 126.45|",
        "2025.02.06 10:00:00|908||balance|||||0.00|0.00|0.00|-1 000.00|4 126.45|Withdrawal",
    ] {
        body += &with_hidden::<14>(line, 8, "<td class=\"hidden\"></td>");
    }
    body += &spanned("*8|-3.05|-0.10|-0.40|130.00|4 126.45|");
    body += &spanned("Balance:*3|<b>4 126.45</b>*2|");
    body += &title("Open Positions");
    body += &spanned("Time|Position|Symbol|Type|Volume|Price|S / L|T / P|Market Price|Swap|Profit");
    body += &spanned("2025.02.05 10:00:00|506|EURUSD|buy|0.10|1.10500|||1.10600|0.00|10.00");
    body += &title("Results");
    page("", &body)
}

/// UTF-16 of either byte order.
pub fn utf16(text: &str, marked: bool, big: bool) -> Vec<u8> {
    let mark = if marked { "\u{feff}" } else { "" };
    mark.encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
        .collect()
}
