import StrategyWire

/// One way of passing a recording to a session.
struct Passage: Sendable {
    var cuts: Cuts
    /// The last event that is sent, by its index; nothing follows it.
    var last: Int?
    /// A message ends with this event, whatever the cuts are.
    var endsAt: Int?
    var alteration: Alteration?
    /// Messages of events that may be unanswered.
    var unanswered = 4
    /// Between messages, all together.
    var pauses = Duration.zero

    init(_ cuts: Cuts) { self.cuts = cuts }

    /// Each event alone, and each answered before the next is sent: nothing of what follows is there.
    static var alone: Passage {
        var passage = Passage(.single)
        passage.unanswered = 1
        return passage
    }

    /// Nothing behind this event.
    func cutOff(at index: Int) -> Passage {
        var passage = self
        passage.last = index
        return passage
    }

    func ending(at index: Int) -> Passage {
        var passage = self
        passage.endsAt = index
        return passage
    }

    func altered(_ alteration: Alteration) -> Passage {
        var passage = self
        passage.alteration = alteration
        return passage
    }

    /// The messages, as ranges of indexes.
    ///
    /// - Parameters:
    ///   - most: What one message may hold.
    ///   - byStep: Each step in a message of its own: for servers that read account state.
    func messages(of events: [MadeEvent], most: Int, byStep: Bool) -> [Range<Int>] {
        var messages: [Range<Int>] = []
        var start = 0
        let count = min(events.count, (last ?? events.count) + 1)
        for length in cuts.lengths(events.count, most: most) where start < count {
            let end = min(start + length, count)
            messages += split(start..<end, events, byStep)
            start = end
        }
        return messages
    }

    private func split(_ range: Range<Int>, _ events: [MadeEvent], _ byStep: Bool) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = range.lowerBound
        for index in range {
            let isLast = index + 1 == range.upperBound
            let endsStep = byStep && !isLast && events[index].step != events[index + 1].step
            guard isLast || endsStep || index == endsAt else { continue }
            parts.append(start..<index + 1)
            start = index + 1
        }
        return parts
    }
}

/// What came of a passage.
struct Passed: Sendable {
    let said: Said
    /// Behind which position no watermark came although nothing more was to come.
    var silentBehind: UInt64?
}

extension Workbench {
    /// Passes a recording to sessions of their own, side by side: each message to all of them before
    /// the next.
    ///
    /// - Parameters:
    ///   - end: The index of the last event that matters; messages behind it that may be unanswered
    ///     are sent besides.
    ///   - told: How far it is, 0 to 1.
    /// - Throws: ``Obstacle``: a session could not be opened, or its call ended.
    func pass(
        _ recording: Recording, _ passages: [Passage], through end: Int? = nil,
        told: (Double) -> Void = { _ in }
    ) async throws -> [Passed] {
        var lanes: [Lane] = []
        let most = try await batch()
        let byStep = try await description().readsAccount
        for passage in passages {
            var setting = try await setting()
            setting.instruments = recording.instruments
            lanes.append(
                Lane(
                    passage, recording, trial: try await start(setting), most: most,
                    byStep: byStep, through: end))
        }
        let count = lanes.map(\.messages.count).max() ?? 0
        for number in 0..<count {
            for index in lanes.indices { try await lanes[index].send(number) }
            told(Double(number + 1) / Double(count))
        }
        // None is over before all have answered: what one leaves behind must not reach another.
        for index in lanes.indices { try await lanes[index].waitForLastAnswer() }
        for lane in lanes { try await lane.drain() }
        await tidyUp()
        return lanes.map(\.passed)
    }
}

/// A session that is passed a recording.
private struct Lane {
    let trial: Trial
    let messages: [Range<Int>]
    private let events: AlteredEvents
    private let unanswered: Int
    private let pause: Duration
    private var ends: [UInt64] = []
    private var silentBehind: UInt64?

    init(
        _ passage: Passage, _ recording: Recording, trial: Trial, most: Int, byStep: Bool,
        through end: Int?
    ) {
        self.trial = trial
        events = AlteredEvents(recording, passage.alteration)
        unanswered = byStep ? 1 : passage.unanswered
        var messages = passage.messages(of: recording.events, most: most, byStep: byStep)
        if let end, let last = messages.firstIndex(where: { $0.contains(end) }) {
            messages = Array(messages.prefix(last + passage.unanswered + 1))
        }
        self.messages = messages
        let count = min(messages.count, Self.mostPauses)
        pause = count > 0 ? passage.pauses / count : .zero
    }
    private static let mostPauses = 40

    var passed: Passed { Passed(said: Said(trial.transcript), silentBehind: silentBehind) }

    /// What is behind a message that was not answered is not sent.
    mutating func send(_ number: Int) async throws {
        guard number < messages.count, silentBehind == nil else { return }
        let every = max(1, messages.count / Self.mostPauses)
        if pause > .zero, number % every == 0 { try await Task.sleep(for: pause) }
        if ends.count >= unanswered { try await answered(ends[ends.count - unanswered]) }
        guard silentBehind == nil else { return }
        let message = messages[number].map { events[$0] }
        ends.append(try await trial.send(message, after: ends.last ?? 0))
    }

    mutating func waitForLastAnswer() async throws {
        if silentBehind == nil, let end = ends.last { try await answered(end) }
    }

    /// What was held back comes now at the latest.
    func drain() async throws {
        await trial.send(.drain(PBDrain(withinNs: 2_000_000_000, reason: "the recording ends")))
        do {
            _ = try await trial.end(sent: "Drain")
        } catch let obstacle as Obstacle where silentBehind == nil { throw obstacle } catch {}
    }

    private mutating func answered(_ position: UInt64) async throws {
        do {
            try await trial.closed(position, sent: "events up to \(words(position))")
        } catch let obstacle as Obstacle {
            guard trial.transcript.end == nil, trial.isWhole else { throw obstacle }
            silentBehind = trial.transcript.watermark ?? 0
        }
    }
}

extension Trial {
    /// Whether everything that came was a message of the contract.
    fileprivate var isWhole: Bool { SessionRules(transcript).everyMessageIsKnown().isEmpty }
}
