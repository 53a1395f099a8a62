package import Platform
package import Ports

/// Takes messages from any thread and brings them to people, whatever the channels do.
///
/// A thread of its own owns the outbox and its log; letters leave as child tasks of ``run()``. Where the log fails,
/// messages go on from memory and the operator is told.
package final class NotificationService: Sendable {
    /// A channel, its name, and how it is spoken to.
    package struct Line: Sendable {
        package let name: String
        package let channel: any MessageChannel
        package let lane: Int
        package let language: Language
        /// See ``OutboxDestination/origin``.
        package let origin: UInt64
        /// See ``OutboxDestination/level``.
        package let level: Severity
        package init(
            name: String, channel: any MessageChannel, lane: Int, language: Language,
            origin: UInt64 = 0, from level: Severity = .info
        ) {
            self.name = name
            self.channel = channel
            self.lane = lane
            self.language = language
            self.origin = origin
            self.level = level
        }
    }

    package struct Settings: Sendable {
        package var outbox = Outbox.Settings()
        /// Messages that wait for the outbox's thread; see ``Intake``.
        package var intake = 4_096
        /// Records after which the log is written anew.
        package var compactAfter = 10_000
        package var seed: UInt64
        package init(seed: UInt64) { self.seed = seed }
    }

    /// What the operator is told; called on the outbox's thread, and of a log that cannot be opened before there is one.
    package enum Notice: Sendable {
        case channel(Outbox.Notice)
        case store(StoreError)
    }

    private let lines: [Line]
    private let keeper: OutboxKeeper
    private let letters = LetterQueue()

    /// Opens the log and takes up what was left. One that cannot be opened or read is told, left as it is, and done
    /// without.
    package init(
        _ lines: [Line], store: any OutboxStore, clock: any TimeSource, settings: Settings,
        notice: @escaping @Sendable (Notice) -> Void
    ) {
        self.lines = lines
        keeper = OutboxKeeper(
            lines, store: store, clock: clock, settings: settings, letters: letters, notice: notice)
    }

    /// Hands a message over. Any thread; never waits for a disk or a channel.
    ///
    /// An id that is not above the last one of its source was offered before: it is dropped.
    package func offer(_ message: Message, to routes: [Route]) {
        keeper.offer(message, routes)
    }

    /// The newest id that is in the log, of a source: what is above it may be offered again after a crash.
    package func mark(of source: String) -> MessageID? { keeper.mark(of: source) }

    /// Makes sure that a source is known, durably, before it tells anything: what it tells later is then told once,
    /// and what it did before it had a channel is not told at all.
    ///
    /// - Parameter id: What counts as taken where the source is not known.
    /// - Returns: The source's mark.
    package func begin(_ id: MessageID) -> MessageID { keeper.begin(id) }

    /// How the channels stand now, in their order. Any thread.
    package var standings: [ChannelStanding] { keeper.standings }

    /// Sends until ``drain(within:)`` or until the task is cancelled. Once.
    package func run() async {
        await withTaskCancellationHandler {
            keeper.start()
            await withTaskGroup(of: Void.self) { group in
                while let outgoing = await letters.next() {
                    group.addTask { [lines, keeper] in
                        let answer = await lines[outgoing.destination].channel
                            .deliver(outgoing.letter)
                        keeper.answered(outgoing.destination, answer)
                    }
                }
                group.cancelAll()
            }
            await keeper.waitForEnd()
        } onCancel: {
            keeper.end(within: 0)
        }
    }

    /// Sends what is left for at most so many ns, then ends ``run()``; what remains is sent by the next start.
    ///
    /// - Returns: How many messages remain.
    package func drain(within nanoseconds: Int64) async -> Int {
        keeper.end(within: nanoseconds)
        await keeper.waitForEnd()
        return keeper.standings.reduce(0) { $0 + $1.waiting }
    }
}
