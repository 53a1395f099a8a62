import Foundation
import Host
import Notifications
import Platform
import Ports
import TradingModel

/// Brings what a run tells to the channels of its configuration.
///
/// What the log has is named by run, record and fact, so that it is told once however often it is offered; the rest
/// has numbers of its own that only grow.
final class RunMessenger: Sendable {
    private let service: NotificationService
    private let lines: MessageLines
    private let words: Locked<MessageWords>
    private let isOutside: Bool
    private let clock: any TimeSource
    private let observer: any RunObserver
    private let sending: Task<Void, Never>
    /// The last number of what no log has.
    private let number: Locked<UInt64>
    private let hasEnded = Locked(false)
    private static let own = "host"
    /// ns at the end for what is still to be sent; what remains is sent by the next start.
    private static let patience: Int64 = 5_000_000_000

    /// Opens the outbox and begins to send what was left.
    ///
    /// - Returns: `nil` where no channels are configured.
    init?(_ assembly: RunAssembly, observer: any RunObserver) {
        let configuration = assembly.configuration
        guard !configuration.channels.isEmpty else { return nil }
        lines = MessageLines(configuration.channels) { channel, text in
            observer.notice(RunNotice(.message, time: .zero, source: channel, text: text))
        }
        isOutside = assembly.isOutside
        words = Locked(MessageWords(configuration, isOutside: isOutside))
        clock = assembly.clock
        self.observer = observer
        let service = NotificationService(
            lines.lines, store: OutboxFolder(assembly.root + "/outbox"), clock: clock,
            settings: .init(seed: .random(in: 0...UInt64.max))
        ) { notice in
            observer.notice(RunNotice(.warning, time: .zero, text: Self.text(notice)))
        }
        self.service = service
        number = Locked(service.mark(of: Self.own)?.record ?? 0)
        sending = Task { await service.run() }
    }

    /// Where the run tells what happens in it.
    ///
    /// - Parameter nextRecord: Of its log. A run that goes on, but is new to the outbox, is told from here on.
    func desk(of run: String, nextRecord: UInt64) -> any NewsDesk {
        let mark = service.begin(
            MessageID(source: run, record: nextRecord - 1, index: .max))
        return Desk(
            run: run, messenger: self, mark: .init(record: mark.record, index: mark.index))
    }

    private struct Desk: NewsDesk {
        let run: String
        let messenger: RunMessenger
        let mark: RunNews.Place
        var channels: [ChannelStanding] { messenger.standings }

        func tell(_ news: RunNews) {
            guard let place = news.place else { return messenger.tell(news) }
            messenger.offer(
                news,
                as: MessageID(source: run, record: place.record, index: place.index))
        }
    }

    /// How the channels stand; behind ``end()`` as they stood then.
    var standings: [ChannelStanding] { service.standings }

    private func tell(_ news: RunNews) { offer(news, as: nextID()) }

    /// Follows rules that come, go or choose other channels.
    func follow(_ configuration: HostConfiguration) {
        words.withLock { $0 = MessageWords(configuration, isOutside: isOutside) }
    }

    private func offer(_ news: RunNews, as id: MessageID) {
        let (message, routes) = words.withLock { $0 }.message(news, as: id)
        service.offer(message, to: routes)
    }

    private func nextID() -> MessageID {
        let time = UInt64(max(0, clock.utc()))
        return number.withLock { number in
            number = max(number + 1, time)
            return MessageID(source: Self.own, record: number, index: 0)
        }
    }

    /// Tells that the run ends before its end.
    ///
    /// - Parameter left: To itself.
    func stopped(_ reason: String, isFailure: Bool, left: LeftOpen = LeftOpen()) {
        let (message, routes) = words.withLock { $0 }.stop(
            reason, isFailure: isFailure, left: left, as: nextID())
        service.offer(message, to: routes)
    }

    /// Sends what is left, for a short while, and ends; harmless when repeated.
    func end() async {
        let isFirst = hasEnded.withLock { hasEnded in
            defer { hasEnded = true }
            return !hasEnded
        }
        guard isFirst else { return }
        _ = await service.drain(within: Self.patience)
        await sending.value
        for standing in service.standings where standing.waiting > 0 {
            let count = standing.waiting
            let trouble = standing.trouble.map { ": \($0)" } ?? ""
            observer.notice(
                RunNotice(
                    .warning, time: .zero,
                    text: "channel \(standing.name): \(count) message\(count == 1 ? "" : "s")"
                        + " left for the next start" + trouble))
        }
        lines.client.close()
    }

    private static func text(_ notice: NotificationService.Notice) -> String {
        switch notice {
        case .store(let error):
            "\(error)\n  messages go on without a log: each says that it may be a repetition,"
                + " and what waits at the end of this run is lost"
        case .channel(.down(let name, let reason)):
            "channel \(name) does not answer: \(reason); it is tried again"
        case .channel(.dead(let name, let reason)):
            "channel \(name) is dead: \(reason); check its settings. It is tried every 10 minutes, and by a start"
        case .channel(.back(let name, let waiting)):
            "channel \(name) answers again; \(waiting) wait"
        case .channel(.moved(let name)):
            "channel \(name): the chat has a new number; write it into the configuration"
        case .channel(.givenUp(let name, let reason)):
            "channel \(name): a message was given up: \(reason)"
        }
    }
}
