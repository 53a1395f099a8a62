import Platform
import Ports
import TestKit
import TradingModel

@testable import Madang

/// A run as a live view hears of it.
enum LiveSamples {
    static let second: Int64 = 1_000_000_000
    /// 2024-01-02 09:00:00 in Seoul.
    static let open = Timestamp(nanoseconds: 1_704_153_600_000_000_000)

    static func setting(_ names: [String] = ["cross", "삼성모멘텀", "breakout"]) -> LiveView.Setting {
        LiveView.Setting(
            sources: names.enumerated().map { ($1, ["host", "server", "rule"][$0 % 3]) },
            speed: 60, zone: .seoul, zoneName: "Seoul", currencies: ["demo": "KRW"])
    }

    /// A view that began at 0 and is in the middle of a run, with positions and results.
    static func view(
        _ names: [String] = ["cross", "삼성모멘텀", "breakout"], positions: Int = 2
    ) -> LiveView {
        var view = LiveView(setting(names), now: 0)
        view.take(
            RunStart(run: "2905d5c8e7a0-1", mode: "replay 60x", resumedAt: 0, folder: "runs/1"),
            now: 0)
        for (index, name) in names.enumerated() where index % 3 == 1 {
            view.take(state(.live, of: name), now: 0)
        }
        view.take(result(.buy, "KR0004", 300_000, of: names[names.count - 1]), now: second)
        for moment in 0...4 {
            view.take(
                progress(names, ticks: moment * 12_345, positions: positions),
                now: Int64(moment) * second)
        }
        return view
    }

    static func state(
        _ state: SessionState, of source: String, detail: String = "", at seconds: Int64 = 60
    ) -> RunNotice {
        var notice = RunNotice(
            .server, time: open.advanced(by: .seconds(seconds)), source: source,
            text: "\(source) \(state.rawValue)" + (detail.isEmpty ? "" : ": \(detail)"))
        notice.figure = .state(state, detail: detail)
        return notice
    }

    static func result(
        _ action: Action, _ symbol: String, _ confidence: Int64, of source: String
    ) -> RunNotice {
        var notice = RunNotice(
            .signal, time: open, source: source, symbol: symbol, text: "\(source) \(symbol)")
        notice.figure = .result(action, .of(confidence), isLate: false)
        return notice
    }

    static func order(_ number: Int, at seconds: Int64 = 60) -> RunNotice {
        RunNotice(
            .order, time: open.advanced(by: .seconds(seconds)), symbol: "KR0002",
            text: "BUY 10 KR0002  order \(number)  weighted 0.60 >= 0.50: momentum BUY 0.60")
    }

    static func progress(
        _ names: [String], ticks: Int, lag: Int64? = 0, late: Int = 0, positions: Int = 2
    ) -> RunProgress {
        var summary = RunSummary()
        summary.ticks = ticks
        summary.orders = 27
        summary.fills = 26
        summary.pnl = ["demo": "-131447.25"]
        summary.realisedPnl = ["demo": "2507.5"]
        summary.sources = names.enumerated().map { index, name in
            var source = RunSummary.Source(name: name, kind: "server")
            guard index % 3 == 1 else { return source }
            source.late = late
            source.latency = Latency(
                count: 100, p50: 2_100_000, p90: 5_000_000, p99: 12_400_000, max: 20_000_000)
            return source
        }
        return RunProgress(
            summary: summary, time: open.advanced(by: .seconds(600)), lag: lag,
            fraction: min(1, Double(ticks) / 100_000),
            events: names.indices.map { $0 % 3 == 1 ? ticks : nil },
            positions: (0..<positions).map(position))
    }

    private static func exits(_ index: Int) -> RunProgress.Exits? {
        switch index {
        case 0: RunProgress.Exits(left: ["+8% rest"], selling: ["-5% all"])
        case 1: RunProgress.Exits(left: ["-5% all"], wait: .doubted)
        default: nil
        }
    }

    private static func position(_ index: Int) -> RunProgress.Position {
        let symbol = index == 1 ? "삼성전자" : "KR000\(index)"
        return RunProgress.Position(
            account: "demo", symbol: symbol, held: .shares(Int64(10 * (index + 1))),
            average: .won(9_500), last: .won(9_380), realised: .won(Int128(1_250 * index)),
            exits: exits(index))
    }
}

extension Screen {
    var lines: [String] { rows.map(\.text) }
    /// The styles of the first text with this in it.
    func styles(of text: String) -> [Terminal.Style]? {
        rows.flatMap(\.spans).first { $0.text.contains(text) }?.styles
    }
}

/// The display columns at which a text begins in a line.
func column(of text: String, in line: String) -> Int? {
    line.range(of: text).map { displayWidth(of: String(line[..<$0.lowerBound])) }
}
