import Host
import Platform
import Ports
import TradingModel

extension LiveView {
    // MARK: Sources

    /// One row a source; where there is no room for all, those in trouble stay.
    func sourceRows(_ width: Int, room: Int, now: Int64) -> [Screen.Row] {
        var table = ScreenTable([
            .text("source", 10, narrowest: 10), .text("kind", 1), .text("state", 9),
            .number("in/s", 5), .number("queue", 5), .number("credit", 0), .number("p50", 3),
            .number("p90", 0), .number("p99", 4), .number("failed", 6), .number("invalid", 6),
            .number("restarts", 2), .number("late", 7), .text("version", 0),
            .text("last result", 8, narrowest: 20),
        ])
        let symbols = sources.compactMap { $0.last.map { displayWidth(of: $0.symbol) } }.max() ?? 0
        let shown = shownSources(room: room, now: now)
        for index in shown {
            let source = sources[index]
            let (state, mark) = state(of: source, now: now)
            let isTrouble = !mark.text.allSatisfy { $0 == " " }
            table.add(
                [
                    .init(
                        source.strategy == nil ? source.name : "  shard \(source.shard)",
                        isTrouble ? [.bold] + mark.styles : []),
                    .init(source.role.isEmpty ? source.kind : source.role, .dim), state,
                    .init(rate(of: source, now: now)),
                    .init(source.server.map { grouped("\($0.queue)") } ?? "-"),
                    .init(source.server.map { grouped("\($0.credit)") } ?? "-"),
                    .init(source.latency.map { Figures.span($0.p50) } ?? "-"),
                    .init(source.latency.map { Figures.span($0.p90) } ?? "-"),
                    .init(source.latency.map { Figures.span($0.p99) } ?? "-"),
                    source.failures > 0
                        ? .init(grouped("\(source.failures)"), .yellow) : .init("-"),
                    count(source.server?.invalid, .yellow), count(source.server?.restarts),
                    .init(
                        source.late == 0 ? "-" : grouped("\(source.late)"),
                        isLateNow(source, now) ? [.yellow, .bold] : []),
                    .init(source.server?.version ?? "-", .dim),
                    last(of: source, symbols: symbols),
                ], mark: mark)
        }
        var rows = table.rows(width: width)
        let missing = sources.count - shown.count
        if missing > 0 {
            var row = Screen.Row()
            row.append(" … \(missing) more source\(missing == 1 ? "" : "s")", .dim)
            rows.append(row.fitted(to: width))
        }
        return rows
    }

    private func rate(of source: Source, now: Int64) -> String {
        source.place.flatMap { meter.eventsPerSecond(of: $0, now: now) }.map(Figures.rate) ?? "-"
    }

    /// A figure that is mostly zero, and nothing to look at then.
    private func count(_ number: Int?, _ styles: Terminal.Style...) -> Screen.Span {
        guard let number, number > 0 else { return .init("-") }
        return .init(grouped("\(number)"), styles)
    }

    /// The order of the configuration, whoever is left out.
    private func shownSources(room: Int, now: Int64) -> [Int] {
        let all = inOrder(Array(sources.indices))
        guard all.count > room - 1 else { return all }
        let first = all.filter { self.state(of: sources[$0], now: now).mark.text != " " }
        let rest = all.filter { !first.contains($0) }
        return inOrder(Array((first + rest).prefix(max(1, room - 2))))
    }

    /// Shards stand below their strategy.
    private func inOrder(_ rows: [Int]) -> [Int] {
        rows.sorted { ((sources[$0].strategy ?? $0), $0) < ((sources[$1].strategy ?? $1), $1) }
    }

    private func isLateNow(_ source: Source, _ now: Int64) -> Bool {
        source.lateAt.map { now - $0 < Self.fresh } ?? false
    }
    /// So long a number that grew stands out, ns.
    private static let fresh: Int64 = 10_000_000_000

    private func state(of source: Source, now: Int64) -> (cell: Screen.Span, mark: Screen.Span) {
        let age = Figures.age(now - source.since)
        func trouble(_ word: String, _ styles: [Terminal.Style]) -> (Screen.Span, Screen.Span) {
            (.init(word, styles), .init("!", styles))
        }
        switch source.state {
        case .hung: return trouble("HUNG \(age)", [.bold, .red])
        case .down: return trouble("DOWN \(age)", [.bold, .red])
        case .open: return trouble("CIRCUIT OPEN \(age)", [.bold, .red])
        case .probing: return trouble("PROBING \(age)", [.bold, .red])
        case .quarantined: return trouble("QUARANTINED", [.bold, .red])
        case .refused: return trouble("REFUSED", [.bold, .red])
        case .slow: return trouble("slow \(age)", [.bold, .yellow])
        // At the start it is what it has to be; after an outage it goes on.
        case .connecting where source.detail.isEmpty:
            return (.init("connecting", .cyan), .init(" "))
        case .connecting: return trouble("DOWN \(age)", [.bold, .red])
        case .warming: return (.init("warming", .cyan), .init(" "))
        case .draining: return (.init("draining", .dim), .init(" "))
        case .stopped: return (.init("stopped", .dim), .init(" "))
        case .live, nil:
            let isHere = source.state == .live || (source.kind != "server" && start != nil)
            let cell = isHere ? Screen.Span("live", .green) : Screen.Span("starting", .dim)
            return (cell, isLateNow(source, now) ? .init("!", .bold, .yellow) : .init(" "))
        }
    }

    /// What it said last; of trouble, what is known of it.
    private func last(of source: Source, symbols: Int) -> Screen.Span {
        switch source.state {
        case .hung, .slow:
            return .init("no answer since \(local(source.sinceTime, withDate: false))", .red)
        case .down, .open, .probing, .quarantined, .refused, .connecting:
            if !source.detail.isEmpty { return .init(oneLine(source.detail), .red) }
        case .live, .warming, .draining, .stopped, nil: break
        }
        guard let result = source.last else { return .init("-", .dim) }
        let action: (String, Terminal.Style) =
            switch result.action {
            case .buy: ("BUY", .green)
            case .sell: ("SELL", .cyan)
            case .alert: ("ALERT", .yellow)
            }
        let confidence = result.action == .alert ? "" : Figures.confidence(result.confidence)
        return .init(
            padded(action.0, to: 5) + " " + padded(result.symbol, to: symbols) + "  " + confidence
                + (result.isLate ? "  late" : ""), result.isLate ? .yellow : action.1)
    }

    // MARK: Positions

    /// A row a desk, in an order that stays; what is held first where there is no room for all.
    func bookRows(_ width: Int, room: Int) -> [Screen.Row] {
        guard let positions = progress?.positions, !positions.isEmpty else { return [] }
        let hasSeveral = Set(positions.map(\.account)).count > 1
        var table = ScreenTable([
            .text("symbol", 10, narrowest: 12), .text("account", hasSeveral ? 4 : 0),
            .number("last", 5), .number("position", 9, isKept: true),
            .number("@ average", 6, isKept: true), .number("unrealised", 8, isKept: true),
            .number("realised", 7, isKept: true), .text("exits", 4, narrowest: 10),
        ])
        let digits = positions.compactMap { $0.last.map(Figures.decimals(of:)) }.max() ?? 0
        let isWhole = positions.count < room
        let held = positions.filter { $0.held != .zero } + positions.filter { $0.held == .zero }
        for position in isWhole ? positions : held {
            let decimals = decimals(of: position.account)
            let average = Figures.decimal(
                Int128(position.average.units), scale: 8, decimals: max(digits, decimals))
            let isHeld = position.held != .zero
            table.add([
                .init(position.symbol), .init(hasSeveral ? position.account : "", .dim),
                .init(
                    position.last.map {
                        Figures.decimal(Int128($0.units), scale: 8, decimals: digits)
                    } ?? "-"),
                .init(isHeld ? grouped("\(position.held)") : "-"), .init(isHeld ? average : "-"),
                profit(isHeld ? Self.unrealised(position) : nil, decimals),
                profit(position.realised, decimals), guarded(position.exits),
            ])
        }
        return table.rows(width: width)
    }

    /// What is left of a plan; first of all, why it waits.
    private func guarded(_ exits: RunProgress.Exits?) -> Screen.Span {
        guard let exits else { return .init("-", .dim) }
        let left = (exits.selling.map { "selling \($0)" } + exits.left).joined(separator: " · ")
        return switch exits.wait {
        case nil: .init(left.isEmpty ? "-" : left)
        case .held: .init("HELD  \(left)", .bold, .yellow)
        case .halted: .init("halted  \(left)", .yellow)
        case .doubted: .init("PRICE DOUBTED  \(left)", .bold, .yellow)
        }
    }

    /// `nil` where it has no price, or does not fit.
    private static func unrealised(_ position: RunProgress.Position) -> Money? {
        guard let last = position.last else { return nil }
        let change = Int128(last.units) - Int128(position.average.units)
        let (units, overflow) = change.multipliedReportingOverflow(by: Int128(position.held.units))
        return overflow ? nil : Money(units: units)
    }

    private func profit(_ money: Money?, _ decimals: Int) -> Screen.Span {
        guard let money else { return .init("-") }
        let text = Figures.profit(money, decimals: decimals)
        // Red is for what somebody has to look at; a loss says so by its sign.
        return text.hasPrefix("+") ? .init(text, .green) : .init(text)
    }

    private func decimals(of account: String) -> Int {
        let whole: Set = ["KRW", "JPY", "VND", "IDR", "CLP"]
        return whole.contains(setting.currencies[account] ?? "") ? 0 : 2
    }

    // MARK: Accounts

    /// What each account came to, and what was done.
    func accountRows(_ width: Int) -> [Screen.Row] {
        guard let summary = progress?.summary else { return [] }
        var rows = summary.pnl.keys.sorted().map { account in
            let decimals = decimals(of: account)
            var row = Screen.Row([.init(" \(account)", .bold), .init("  P&L ", .dim)])
            row.spans.append(profit(Money(summary.pnl[account] ?? "0"), decimals))
            row.append(" \(setting.currencies[account] ?? "")", .dim)
            row.append("   realised ", .dim)
            row.spans.append(profit(Money(summary.realisedPnl[account] ?? "0"), decimals))
            if let corrected = summary.corrected?[account] {
                row.append("   corrected by ", .dim)
                row.spans.append(profit(Money(corrected), decimals))
            }
            return row
        }
        if rows.count > 3 { rows = Self.shortened(rows, to: 3, "account", width) }
        var counts = Screen.Row()
        for (word, count) in [
            ("orders", summary.orders), ("fills", summary.fills), ("conflicts", summary.conflicts),
            ("rejected", summary.rejected), ("rows skipped", summary.skippedRows),
        ] where count > 0 || word == "orders" {
            counts.append("   \(word) ", .dim)
            counts.append(grouped("\(count)"))
        }
        if rows.count == 1, rows[0].width + counts.width <= width {
            rows[0].append(counts)
        } else {
            // Two of its three leading spaces less.
            rows.append(Screen.Row([.init(String(counts.text.dropFirst(2)), .dim)]))
        }
        return rows.map { $0.fitted(to: width) }
    }
}
