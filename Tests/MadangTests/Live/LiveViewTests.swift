import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Madang

/// A live view as a value: notices and progress go in, a screen comes out.
@Suite struct LiveViewTests {
    private let names = ["cross", "삼성모멘텀", "breakout"]
    private let now = 4 * LiveSamples.second

    /// Every size from a sliver to a wall: nothing is wider or higher than the terminal.
    @Test func noScreenIsLargerThanItsTerminal() {
        var views = [LiveView(LiveSamples.setting(), now: 0), LiveSamples.view()]
        var busy = LiveSamples.view((0..<40).map { "전략 서버 \($0)" }, positions: 50)
        for number in 0..<200 { busy.take(LiveSamples.order(number), now: now) }
        busy.take(
            LiveSamples.state(
                .down, of: "전략 서버 1", detail: "연결할 수 없습니다\nunix:/tmp/server.sock: no such file"),
            now: now)
        views.append(busy)
        busy.stopping("asked to stop")
        views.append(busy)
        var told = LiveSamples.progress(names, ticks: 50_000)
        told.channels = (0..<9).map { ChannelStanding(name: "채널 \($0)") }
        busy.take(told, now: now)
        views.append(busy)
        for view in views {
            for width in [1, 2, 7, 20, 40, 59, 60, 61, 80, 81, 120, 160, 300] {
                for height in [1, 2, 3, 4, 8, 15, 16, 24, 50] {
                    let screen = view.screen(width: width, height: height, now: now)
                    #expect(screen.rows.count <= height)
                    for line in screen.lines {
                        #expect(displayWidth(of: line) <= width, "\(width)x\(height): \(line)")
                        #expect(!line.contains { $0.isNewline })
                    }
                }
            }
        }
    }

    /// However narrow: that nothing is opened any more matters more than the time.
    @Test(arguments: [34, 60, 80, 160])
    func aKillSwitchThatIsOnStandsInTheHead(_ width: Int) {
        var view = LiveSamples.view()
        let isShown = { view.screen(width: width, height: 24, now: now).lines[0].contains("KILL") }
        #expect(!isShown())
        var progress = LiveSamples.progress(names, ticks: 50_000, lag: 2_000_000_000)
        progress.isKilled = true
        view.take(progress, now: now)
        #expect(isShown())
    }

    /// Values stand below their names, also behind Korean ones, which are two columns wide.
    @Test(arguments: [60, 80, 120, 160])
    func columnsLineUp(_ width: Int) throws {
        let lines = LiveSamples.view().screen(width: width, height: 24, now: now).lines
        let head = try #require(lines.first { $0.hasPrefix(" source") })
        let server = try #require(lines.first { $0.hasPrefix(" 삼성모멘텀") })
        let rule = try #require(lines.first { $0.hasPrefix(" breakout") })
        let state = try #require(column(of: "state", in: head))
        #expect(column(of: "live", in: server) == state)
        #expect(column(of: "live", in: rule) == state)
        // Numbers end where their name ends.
        let rate = try #require(column(of: "in/s", in: head)) + 4
        #expect(column(of: "12.3 k", in: server).map { $0 + 6 } == rate)
        #expect(
            column(of: "last result", in: head) == column(of: "BUY", in: rule)
                && column(of: "BUY", in: rule) != nil)

        let books = try #require(lines.first { $0.hasPrefix(" symbol") })
        let samsung = try #require(lines.first { $0.hasPrefix(" 삼성전자") })
        let other = try #require(lines.first { $0.hasPrefix(" KR0000") })
        let end = try #require(column(of: "position", in: books)) + 8
        #expect(column(of: "20", in: samsung).map { $0 + 2 } == end)
        #expect(column(of: "10", in: other).map { $0 + 2 } == end)
        let unrealised = try #require(column(of: "unrealised", in: books)) + 10
        #expect(column(of: "-2,400", in: samsung).map { $0 + 6 } == unrealised)
        #expect(column(of: "-1,200", in: other).map { $0 + 6 } == unrealised)
    }

    /// What is left of a plan stands beside its position; why it waits comes first, and goes last.
    @Test func plansStandBesideTheirPositions() throws {
        func row(_ symbol: String, _ width: Int) throws -> String {
            let lines = LiveSamples.view().screen(width: width, height: 24, now: now).lines
            return try #require(lines.first { $0.hasPrefix(" \(symbol)") })
        }
        #expect(try row("symbol", 100).hasSuffix("exits"))
        #expect(try row("KR0000", 100).hasSuffix("selling -5% all · +8% rest"))
        #expect(try row("삼성전자", 100).hasSuffix("PRICE DOUBTED  -5% all"))
        #expect(try row("삼성전자", 80).contains("PRICE DOU"))
    }

    /// Where it is narrow the least important goes first; who, how it is and what it said stay.
    @Test func narrowTerminalsDropTheLeastImportantColumns() throws {
        func head(_ width: Int) throws -> [String] {
            let lines = LiveSamples.view().screen(width: width, height: 24, now: now).lines
            return try #require(lines.first { $0.hasPrefix(" source") })
                .split(separator: "  ").map { $0.trimmingPrefix { $0 == " " } }.map(String.init)
        }
        #expect(
            try head(120) == [
                "source", "kind", "state", "in/s", "p50", "p90", "p99", "last result",
            ])
        #expect(try head(60) == ["source", "state", "in/s", "p99", "last result"])
        #expect(try head(44) == ["source", "state", "last result"])
        #expect(try head(20) == ["source", "state"])
        var before = try head(200).count
        for width in (10..<200).reversed() {
            let count = try head(width).count
            #expect(count <= before, "\(width)")
            before = count
        }
    }

    /// What an operator asks of a server: behind, how far, how often back, and which build.
    @Test func aServersFiguresStandInItsRow() throws {
        var view = LiveSamples.view()
        var progress = LiveSamples.progress(names, ticks: 50_000)
        var figures = ServerFigures(version: "9.8b")
        (figures.queue, figures.credit) = (1_234, 2_862)
        progress.summary.sources[1].server = figures
        func rows() throws -> (head: String, server: String, rule: String) {
            let lines = view.screen(width: 200, height: 24, now: now).lines
            func row(_ name: String) throws -> String {
                try #require(lines.first { $0.hasPrefix(" \(name)") })
            }
            return (try row("source"), try row("삼성모멘텀"), try row("breakout"))
        }
        view.take(progress, now: now)
        #expect(!(try rows().head.contains("invalid")), "nothing was refused")
        #expect(!(try rows().head.contains("restarts")))
        (figures.invalid, figures.restarts) = (8_765, 777)
        progress.summary.sources[1].server = figures
        view.take(progress, now: now)
        let (head, server, rule) = try rows()
        for (name, value) in [
            ("queue", "1,234"), ("credit", "2,862"), ("invalid", "8,765"), ("restarts", "777"),
        ] {
            let end = try #require(column(of: name, in: head)) + name.count
            #expect(column(of: value, in: server).map { $0 + value.count } == end, "\(name)")
        }
        #expect(column(of: "9.8b", in: server) == column(of: "version", in: head))
        #expect(!rule.contains("9.8b"))
    }

    @Test func aHungServerStandsOutAndItsSecondsCount() throws {
        var view = LiveSamples.view()
        view.take(LiveSamples.state(.slow, of: names[1], at: 97), now: now)
        view.take(LiveSamples.state(.hung, of: names[1], at: 99), now: now + LiveSamples.second)
        for (later, shown) in [
            (2, "HUNG 2 s"), (7, "HUNG 7 s"), (65, "HUNG 65 s"), (130, "HUNG 2 min"),
        ] {
            let screen = view.screen(
                width: 80, height: 24, now: now + Int64(later) * LiveSamples.second)
            let line = try #require(screen.lines.first { $0.contains(names[1]) })
            #expect(line.hasPrefix("!") && line.contains(shown))
            // Since when, by the data's clock: trouble after trouble is one.
            #expect(line.contains("no answer since 09:01:37"))
            #expect(screen.styles(of: shown) == [.bold, .red])
            #expect(screen.lines.first { $0.contains("cross") }?.hasPrefix(" ") == true)
        }
        view.take(LiveSamples.state(.live, of: names[1]), now: now + 9 * LiveSamples.second)
        let calm = view.screen(width: 80, height: 24, now: now + 9 * LiveSamples.second)
        #expect(!calm.lines.contains { $0.hasPrefix("!") || $0.contains("HUNG") })
    }

    /// A server that is connected again and again is down all the while, and says why.
    /// The version that is not live says so in its own row.
    @Test func eachVersionOfAStrategyHasARow() throws {
        let names = ["cross", "삼성모멘텀", "삼성모멘텀 candidate"]
        var view = LiveSamples.view(names)
        var progress = LiveSamples.progress(names, ticks: 50_000)
        func version(_ slot: String, _ role: String, failures: Int) -> RunSummary.Version {
            RunSummary.Version(
                slot: slot, version: "2", model: "", role: role, results: 3, notHeard: 1,
                failures: failures, state: "live", leftOut: nil, latency: nil)
        }
        progress.summary.sources.removeLast()
        progress.summary.sources[1].versions = [
            version("main", "canary 10%", failures: 0), version("candidate", "live", failures: 7),
        ]
        view.take(progress, now: now)
        let lines = view.screen(width: 160, height: 24, now: now).lines
        let main = try #require(
            lines.first { $0.hasPrefix(" 삼성모멘텀 ") && !$0.contains("candidate") })
        let candidate = try #require(lines.first { $0.contains("삼성모멘텀 candidate") })
        #expect(main.contains("canary 10%") && !candidate.contains("canary"))
        #expect(candidate.split(separator: " ").contains("7"))
    }

    /// Of two that stand for each other each has a row, and says which of them is heard.
    @Test func aStandbyHasARow() throws {
        let names = ["cross", "swing", "swing standby"]
        var view = LiveSamples.view(names)
        var progress = LiveSamples.progress(names, ticks: 50_000)
        progress.summary.sources.removeLast()
        func server(_ name: String, _ isHeard: Bool, _ failures: Int) -> RunSummary.Standby.Server {
            RunSummary.Standby.Server(
                name: name, isHeard: isHeard, state: "live", failures: failures, leftOut: nil,
                latency: nil, server: nil)
        }
        progress.summary.sources[1].standbys = [
            RunSummary.Standby(
                shard: nil, switches: 1, same: 9, differing: 0, uncompared: 0,
                servers: [server("swing", false, 4), server("swing standby", true, 7)])
        ]
        view.take(progress, now: now)
        let lines = view.screen(width: 160, height: 24, now: now).lines
        let main = try #require(lines.first { $0.hasPrefix(" swing  ") })
        let standby = try #require(lines.first { $0.contains("swing standby") })
        #expect(main.contains(" standby ") && main.split(separator: " ").contains("4"))
        #expect(standby.contains(" heard ") && standby.split(separator: " ").contains("7"))
    }

    /// A strategy stands as its worst server does; below it each has a row with figures of its own.
    @Test func shardsStandBelowTheirStrategy() throws {
        var setting = LiveSamples.setting(["cross", "swing", "breakout"])
        setting.shards = [("swing", 0), ("swing", 1)]
        var view = LiveView(setting, now: 0)
        for shard in 0..<2 {
            view.take(LiveSamples.state(.live, of: "swing shard \(shard)"), now: 0)
        }
        var progress = LiveSamples.progress(["cross", "swing", "breakout"], ticks: 50_000)
        func shard(_ number: Int, failures: Int) -> RunSummary.Shard {
            RunSummary.Shard(
                shard: number, symbols: ["A"], results: 3, failures: failures, state: "live",
                leftOut: nil, latency: nil, server: nil)
        }
        progress.summary.sources[1].shards = [shard(0, failures: 0), shard(1, failures: 7)]
        view.take(progress, now: now)
        view.take(
            LiveSamples.state(.down, of: "swing shard 1", detail: "it ended with code 1"), now: now)
        let lines = view.screen(width: 160, height: 24, now: now).lines
        let place = try #require(lines.firstIndex { $0.contains("swing") })
        #expect(lines[place].hasPrefix("!") && lines[place].contains("DOWN"))
        #expect(lines[place].contains("shard 1: it ended with code 1"))
        #expect(lines[place + 1].contains("  shard 0") && lines[place + 1].contains("live"))
        #expect(lines[place + 2].hasPrefix("!") && lines[place + 2].contains("  shard 1"))
        #expect(lines[place + 2].split(separator: " ").contains("7"))
        #expect(lines[place + 3].contains("breakout"))
        view.take(LiveSamples.state(.live, of: "swing shard 1"), now: now)
        let after = view.screen(width: 160, height: 24, now: now).lines
        #expect(!after.contains { $0.hasPrefix("!") })
    }

    @Test func aServerThatComesAndGoesIsDown() throws {
        var view = LiveSamples.view()
        view.take(LiveSamples.state(.down, of: names[1], detail: "it ended with code 1"), now: now)
        view.take(LiveSamples.state(.connecting, of: names[1]), now: now + LiveSamples.second)
        let screen = view.screen(width: 100, height: 24, now: now + 3 * LiveSamples.second)
        let line = try #require(screen.lines.first { $0.hasPrefix("!") })
        #expect(line.contains("DOWN 3 s") && line.contains("it ended with code 1"))
    }

    @Test func anOpenCircuitAndAQuarantineStandOutWithTheirReasons() throws {
        var view = LiveSamples.view()
        let why = "5 failures in a row, the last: it ended"
        view.take(LiveSamples.state(.down, of: names[1], detail: "it ended"), now: now)
        for (state, detail, shown, says) in [
            (SessionState.open, why, "CIRCUIT OPEN 3 s", why),
            (.probing, "", "PROBING 3 s", why),
            (.probing, "connected, no answer yet", "PROBING 3 s", "connected, no answer yet"),
            (.quarantined, "10 breaks in 42 s", "QUARANTINED", "10 breaks in 42 s"),
        ] {
            view.take(LiveSamples.state(state, of: names[1], detail: detail), now: now)
            let screen = view.screen(width: 120, height: 24, now: now + 3 * LiveSamples.second)
            let line = try #require(screen.lines.first { $0.hasPrefix("!") })
            #expect(line.contains(shown) && line.contains(says), "\(line)")
            #expect(screen.styles(of: shown) == [.bold, .red])
        }
        // Released, it is connected like a new one.
        view.take(LiveSamples.state(.connecting, of: names[1]), now: now)
        let calm = view.screen(width: 120, height: 24, now: now)
        #expect(!calm.lines.contains { $0.hasPrefix("!") })
        #expect(calm.lines.contains { $0.contains(names[1]) && $0.contains("connecting") })
    }

    /// Of many sources those in trouble stay, and how many are missing is said.
    @Test func troubleIsNotLeftOut() throws {
        let many = (0..<30).map { "source-\($0)" }
        var view = LiveSamples.view(many)
        view.take(LiveSamples.state(.hung, of: "source-25"), now: now)
        let lines = view.screen(width: 80, height: 24, now: now).lines
        #expect(lines.contains { $0.hasPrefix("!source-25") })
        let shown = lines.count { $0.contains("source-") && !$0.contains("server   ") }
        let told = try #require(lines.first { $0.hasSuffix("more sources") })
        #expect(told.contains("\(30 - shown) more"))
    }

    @Test func aLoopThatSaysNothingIsTold() {
        let view = LiveSamples.view()
        func title(_ later: Int64) -> String {
            view.screen(width: 80, height: 24, now: now + later * LiveSamples.second).lines[0]
        }
        #expect(title(2).hasSuffix("lag 0.0 ms"))
        #expect(title(5).hasSuffix("LOOP SILENT 5 s"))
        let narrow = view.screen(width: 30, height: 24, now: now + 5 * LiveSamples.second)
        #expect(narrow.lines[0].contains("LOOP SILENT 5 s"), "it matters more than the time")
    }

    /// Red is what somebody has to look at: a loss is not, a second behind the pace is.
    @Test func redIsForTroubleAlone() {
        var view = LiveSamples.view()
        let calm = view.screen(width: 120, height: 24, now: now)
        #expect(!calm.rows.contains { $0.spans.contains { $0.styles.contains(.red) } })
        #expect(calm.lines.contains { $0.contains("-2,400") })
        #expect(calm.styles(of: "+1,250") == [.green])
        view.take(LiveSamples.progress(names, ticks: 60_000, lag: 2_100_000_000), now: now)
        let late = view.screen(width: 120, height: 24, now: now)
        #expect(
            late.styles(of: "lag 2.1 s") == [.bold, .red]
                || late.styles(of: "lag 2.1 s") == [.red, .bold])
    }
}

/// Positions: a table that can be read while it changes.
@Suite struct LivePositionTests {
    private let names = ["cross", "momentum", "breakout"]
    private let now = 4 * LiveSamples.second

    private func lines(_ held: [Int64], height: Int = 24) -> [String] {
        var view = LiveSamples.view(names)
        var progress = LiveSamples.progress(names, ticks: 60_000, positions: held.count)
        for (index, count) in held.enumerated() {
            progress.positions[index].symbol = "S\(index)"
            progress.positions[index].held = .shares(count)
        }
        view.take(progress, now: now)
        return view.screen(width: 80, height: height, now: now).lines
    }

    /// What is sold and bought again neither moves its row nor takes columns away.
    @Test func rowsAndColumnsStayWhereTheyAre() throws {
        let held = lines([10, 20, 30])
        let flat = lines([0, 0, 0])
        for lines in [held, flat, lines([0, 20, 0])] {
            #expect(lines.compactMap { $0.firstMatch(of: /^ (S\d)\b/)?.1 } == ["S0", "S1", "S2"])
        }
        #expect(held.first { $0.hasPrefix(" symbol") } == flat.first { $0.hasPrefix(" symbol") })
    }

    @Test func whatIsHeldStaysWhereThereIsNoRoom() throws {
        let shown = lines((0..<30).map { $0 < 28 ? 0 : 10 })
        for held in [" S28 ", " S29 "] { #expect(shown.contains { $0.hasPrefix(held) }) }
        let told = try #require(shown.first { $0.hasSuffix("more positions") })
        #expect(told.contains("\(30 - shown.count { $0.contains(/^ S\d/) }) more"))
    }
}
