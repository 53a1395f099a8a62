import Host
import Platform
import Ports
import TradingModel

extension LiveView {
    /// What is to be seen now on a terminal of this size.
    func screen(width: Int, height: Int, now: Int64) -> Screen {
        var screen = Screen(width: width, height: height)
        let isRoomy = height >= 16
        screen.add(title(width, now: now))
        if height > 3 { screen.add(gauge(width, now: now)) }
        if isRoomy { screen.add(Screen.Row()) }

        let bookCount = progress.map { $0.positions.isEmpty ? 0 : $0.positions.count + 1 } ?? 0
        let channels = isRoomy ? channelRows(width, room: max(3, height / 6), now: now) : []
        let accounts = accountRows(width) + channels
        // What happens needs some rows, or nobody sees why a position is what it is.
        let least = max(1, min(6, height / 4))
        let blanks = isRoomy ? (bookCount == 0 ? 2 : 3) : 0
        let free = max(0, screen.room - least - blanks - accounts.count)
        let forBooks = min(bookCount, max(2, free / 3))
        for row in sourceRows(width, room: max(2, free - forBooks), now: now) { screen.add(row) }
        if isRoomy { screen.add(Screen.Row()) }
        let left = max(0, screen.room - least - (isRoomy ? 1 : 0) - accounts.count)
        let books = bookRows(width, room: left)
        for row in Self.shortened(books, to: left, "position", width) { screen.add(row) }
        for row in accounts { screen.add(row) }
        if isRoomy, !books.isEmpty || !accounts.isEmpty { screen.add(Screen.Row()) }
        for row in noticeRows(width, room: screen.room) { screen.add(row) }
        return screen
    }

    /// A table's head and rows in less room: the last row then says how many are missing.
    static func shortened(
        _ rows: [Screen.Row], to room: Int, _ noun: String, _ width: Int
    ) -> [Screen.Row] {
        guard rows.count > room else { return rows }
        guard room > 1 else { return [] }
        let missing = rows.count - room + 1
        var last = Screen.Row()
        last.append(" … \(missing) more \(noun)\(missing == 1 ? "" : "s")", .dim)
        return rows.prefix(room - 1) + [last.fitted(to: width)]
    }

    // MARK: The head

    private func title(_ width: Int, now: Int64) -> Screen.Row {
        var row = Screen.Row()
        row.append(" ")
        row.append("madang", .bold)
        row.append("  \(RunStart.replay(at: setting.speed))")
        if progress?.isKilled == true {
            row.append("  ")
            row.append("KILL SWITCH ON", .bold, .red)
        } else if let parts = progress?.killedParts, !parts.isEmpty {
            row.append("  ")
            row.append("KILL SWITCH ON for \(parts.joined(separator: ", "))", .bold, .red)
        }
        if let progress, progress.time != .zero {
            row.append("  ")
            row.append(local(progress.time, withDate: width >= 60), .bold)
            row.append(" \(setting.zoneName)", .dim)
        }
        let right = condition(now: now)
        guard right.width > 0, row.width + right.width + 3 <= width else {
            // What is wrong matters more than the time.
            guard right.spans.contains(where: { $0.styles.contains(.red) }) else {
                return row.fitted(to: width)
            }
            let urgent = row.spans.filter { $0.styles.contains(.red) }
            row = Screen.Row([.init(" "), .init("madang", .bold), .init("  ")])
            for span in urgent + (urgent.isEmpty ? [] : [.init("  ")]) { row.spans.append(span) }
            row.append(right)
            return row.fitted(to: width)
        }
        row.fill(to: width - right.width - 1)
        row.append(right)
        return row
    }

    /// One thing at most: the end that is near, a loop that says nothing, how far behind.
    private func condition(now: Int64) -> Screen.Row {
        if let stopReason {
            return Screen.Row([.init("stopping: \(stopReason)", .yellow, .bold)])
        }
        if start == nil {
            return Screen.Row([
                .init("starting \(Figures.age(now - heardAt))", .cyan)
            ])
        }
        let silence = now - heardAt
        if silence >= Self.longSilence {
            return Screen.Row([.init("LOOP SILENT \(Figures.age(silence))", .red, .bold)])
        }
        guard let lag = progress?.lag else { return Screen.Row() }
        let text = "lag \(Figures.lag(lag))"
        if lag >= 1_000_000_000 { return Screen.Row([.init(text, .red, .bold)]) }
        return Screen.Row([lag >= 100_000_000 ? .init(text, .yellow) : .init(text)])
    }
    private static let longSilence: Int64 = 3_000_000_000

    private func gauge(_ width: Int, now: Int64) -> Screen.Row {
        var row = Screen.Row()
        guard let progress else {
            row.append(" ")
            row.append(beginning, .dim)
            return row.fitted(to: width)
        }
        var words: [Screen.Span] = []
        let counted = counted
        words.append(.init("  \(grouped("\(counted.count)")) \(counted.noun)"))
        let rate = meter.rowsPerSecond(now: now).map(Figures.rate) ?? "-"
        words.append(.init("  " + padded("\(rate)/s", to: 9, alignedRight: true)))
        let percent = "  " + padded(Figures.percent(progress.fraction), to: 5, alignedRight: true)
        let left = meter.timeLeft(now: now).map { "  \(Figures.clock($0)) left" } ?? ""
        let fixed = words.reduce(0) { $0 + $1.width } + displayWidth(of: percent + left)
        let bar = width - fixed - 2
        row.append(" ")
        if bar >= 8 {
            let full = Int(Double(bar) * min(max(progress.fraction, 0), 1))
            row.append(String(repeating: "█", count: full), .cyan)
            row.append(String(repeating: "░", count: bar - full), .dim)
        }
        row.append(percent)
        row.append(left)
        for word in words { row.spans.append(word) }
        return row.fitted(to: width)
    }

    private var beginning: String {
        guard let start else { return "waits for its strategy servers" }
        return start.resumedAt > 0
            ? "goes on behind step \(grouped("\(start.resumedAt)"))" : "begins"
    }

    func local(_ time: Timestamp, withDate: Bool) -> String {
        let text = CivilTime(time.advanced(by: setting.zone.offset(at: time))).text(separator: " ")
        return withDate ? text : String(text.suffix(8))
    }
}
