import Notifications
import Ports
import TradingModel

/// Who is told what of a run, and in which words: a value.
struct MessageWords {
    private let channels: [(name: String, texts: Texts, from: Severity)]
    private let accounts: [(name: String, currency: String, zone: ZoneOffsets)]
    /// By a rule's name, the channels that it chose.
    private let chosen: [String: Set<String>]
    /// What a run holds at its end stays at a broker outside.
    private let isOutside: Bool

    init(_ configuration: HostConfiguration, isOutside: Bool = false) {
        self.isOutside = isOutside
        channels = configuration.channels.map { ($0.name, Texts($0.language), $0.from) }
        accounts = configuration.accounts.map {
            ($0.name, $0.currency, Zones.offsets(of: $0.timeZone) ?? .utc)
        }
        chosen = Dictionary(
            configuration.rules.compactMap { rule in
                rule.channels.map { (rule.name, Set($0)) }
            }, uniquingKeysWith: { first, _ in first })
    }

    func message(_ news: RunNews, as id: MessageID) -> (Message, [Route]) {
        let whose = news.account.map { Int($0.index) } ?? 0
        let account = accounts.indices.contains(whose) ? accounts[whose] : nil
        let message = Message(
            id: id, severity: news.event.severity, topic: news.event.topic,
            clock: account.map { clock(news.time, in: $0.zone) } ?? "")
        let name = news.account != nil && accounts.count > 1 ? account?.name : nil
        let routes = channels.filter { isFor($0.name, $0.from, news.event) }.map { channel in
            let text = channel.texts.words(of: news.event) { name in
                accounts.first { $0.name == name }?.currency ?? ""
            }
            let left = left(by: news.event).map { "\n" + channel.texts.leftBehind($0) }
            return Route(
                to: channel.name, text: text + (name.map { " · \($0)" } ?? "") + (left ?? ""))
        }
        return (message, routes)
    }

    private func left(by event: RunNews.Event) -> Int? {
        guard isOutside, case .finished(let summary) = event, let held = summary.held, held > 0
        else { return nil }
        return held
    }

    /// - Parameter left: To itself.
    func stop(
        _ reason: String, isFailure: Bool, left: LeftOpen, as id: MessageID
    ) -> (Message, [Route]) {
        let severity: Severity =
            switch (isFailure, !left.isEmpty) {
            case (true, true): .critical
            case (false, false): .info
            default: .warning
            }
        let message = Message(id: id, severity: severity, topic: .run, clock: "")
        return (
            message,
            channels.filter { message.severity.reaches($0.from) }.map {
                Route(
                    to: $0.name, text: $0.texts.runStopped(reason, isFailure: isFailure, left: left)
                )
            }
        )
    }

    /// A rule that names its channels has chosen: its alerts go there whatever else they hear.
    private func isFor(_ channel: String, _ level: Severity, _ event: RunNews.Event) -> Bool {
        guard case .alert(let alert) = event, let names = chosen[alert.source] else {
            return event.severity.reaches(level)
        }
        return names.contains(channel)
    }

    /// `2026-11-30 10:31:06`; of no time yet: nothing. Who sends it leaves the day out while it is today's.
    private func clock(_ time: Timestamp, in zone: ZoneOffsets) -> String {
        guard time != .zero else { return "" }
        return CivilTime(time.advanced(by: zone.offset(at: time))).text(separator: " ")
    }
}
