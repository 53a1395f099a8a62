import Host
import Platform
import Ports

extension LiveView {
    /// One row a channel, in the order of the configuration; where there is no room for all, those in trouble stay.
    ///
    /// - Parameter room: Rows, with the head and the row that says how many are missing.
    func channelRows(_ width: Int, room: Int, now: Int64) -> [Screen.Row] {
        guard let channels = progress?.channels, !channels.isEmpty else { return [] }
        var table = ScreenTable([
            .text("channel", 10, narrowest: 10), .text("state", 9),
            .number("waiting", 8, isKept: true), .number("sent", 7, isKept: true),
            .text("last trouble", 5, narrowest: 16),
        ])
        let isWhole = channels.count < room
        let troubled = channels.filter { $0.state != .alive }
        let order = isWhole ? channels : troubled + channels.filter { $0.state == .alive }
        for channel in order {
            let (state, mark) = state(of: channel, now: now)
            let isTrouble = mark.text != " "
            table.add(
                [
                    .init(channel.name, isTrouble ? [.bold] + mark.styles : []), state,
                    .init(grouped("\(channel.waiting)")), .init(grouped("\(channel.sent)")),
                    .init(channel.trouble.map(oneLine) ?? "-", isTrouble ? .red : .dim),
                ], mark: mark)
        }
        return Self.shortened(table.rows(width: width), to: room, "channel", width)
    }

    /// The word, and how long it has been so by now.
    private func state(
        of channel: ChannelStanding, now: Int64
    ) -> (cell: Screen.Span, mark: Screen.Span) {
        let age = Figures.age(channel.age + max(0, now - heardAt))
        switch channel.state {
        case .alive: return (.init("alive", .green), .init(" "))
        case .throttled: return (.init("throttled \(age)", .yellow), .init(" "))
        case .silent: return (.init("SILENT \(age)", .bold, .red), .init("!", .bold, .red))
        case .dead: return (.init("DEAD \(age)", .bold, .red), .init("!", .bold, .red))
        }
    }
}
