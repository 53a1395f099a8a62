import StrategyWire

/// Replays a recording to a server in many ways, and finds what its results depend on.
///
/// Comparisons stand side by side where they can: two sessions get the same message at the same
/// moment, so what differs is what was sent, not when. One owner; one question at a time.
package struct Lookahead {
    package struct Settings: Sendable {
        /// Places at which the future is cut off, besides those that the other questions found.
        package var cuts = 20
        /// How much longer the slow replay takes.
        package var pauses = Duration.milliseconds(2_500)
        /// A library that moves the clock of a process it is loaded into, libfaketime's; `nil`: the
        /// time zone alone is another.
        package var clockLibrary: String?
        package init() {}

        /// Of a process on another day of the week, at another hour, eight years ago. What measures
        /// spans of time, as gRPC does, is left alone.
        var elsewhere: [String: String] {
            var environment = ["TZ": "Pacific/Chatham"]
            guard let clockLibrary else { return environment }
            environment["LD_PRELOAD"] = clockLibrary
            environment["FAKETIME"] = "-259234560"
            environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
            return environment
        }
    }
    let bench: Workbench
    let recording: Recording
    let settings: Settings
    private let told: @Sendable (LookaheadQuestion, Double) -> Void
    /// What was said of the recording as a run sends it.
    var plain = Said([PBResult]())
    /// What was said when nothing was known of what follows; `nil` until it was asked.
    var saidAlone: Said?
    /// It does not answer while nothing follows: each further question would wait for it in vain.
    private var isSilent = false
    private(set) var found: [LookaheadFinding] = []

    /// - Parameter told: Hears how far a question is, 0 to 1.
    package init(
        _ bench: Workbench, _ recording: Recording, _ settings: Settings = Settings(),
        told: @escaping @Sendable (LookaheadQuestion, Double) -> Void = { _, _ in }
    ) {
        self.bench = bench
        self.recording = recording
        self.settings = settings
        self.told = told
    }

    /// How often something was said in the plain replay; 0 before it.
    package var resultCount: Int { plain.results.count }

    /// Asks everything in turn.
    ///
    /// - Parameter tell: Hears of each answer as it comes.
    /// - Throws: ``LookaheadTrouble`` where the server ends calls, or is no server.
    package mutating func run(
        tell: (LookaheadAnswer) -> Void = { _ in }
    ) async throws -> [LookaheadAnswer] {
        var answers: [LookaheadAnswer] = []
        for question in LookaheadQuestion.allCases {
            try Task.checkCancellation()
            bench.begin(question.rawValue)
            told(question, 0)
            let start = bench.clock.monotonic()
            let verdict: LookaheadAnswer.Verdict
            do {
                verdict = try await answer(question)
            } catch let obstacle as Obstacle {
                await bench.tidyUp()
                throw LookaheadTrouble(question, obstacle)
            } catch let reason as NotApplicable {
                verdict = .notAsked(why: reason.why, next: reason.next)
            }
            if case .found(let finding) = verdict {
                found.append(finding)
                isSilent = isSilent || finding.without.how == Self.silent
            }
            let answer = LookaheadAnswer(
                question: question, verdict: verdict, took: bench.clock.monotonic() - start)
            answers.append(answer)
            tell(answer)
        }
        return answers
    }

    private mutating func answer(
        _ question: LookaheadQuestion
    ) async throws -> LookaheadAnswer.Verdict {
        try refuseWhatWouldMislead(question)
        switch question {
        case .sideBySide: return try await sideBySide()
        case .again: return try await again()
        case .slowly: return try await slowly()
        case .oneByOne: return try await oneByOne()
        case .otherEnds: return try await otherEnds()
        case .cutOff: return try await cutOff()
        case .anotherYear: return try await anotherYear()
        case .otherPrices: return try await otherPrices()
        case .newProcess: return try await newProcess()
        case .elsewhere: return try await elsewhere()
        }
    }

    /// What differs by itself tells nothing when it differs again.
    private func refuseWhatWouldMislead(_ question: LookaheadQuestion) throws {
        guard question != .sideBySide else { return }
        let causes = Set(found.map(\.cause))
        if isSilent, question != .oneByOne {
            throw NotApplicable(
                "it does not answer while nothing follows", next: "mend that first")
        }
        if causes.contains(.chance) {
            throw NotApplicable("equal replays differ by chance", next: "mend that first")
        }
        if plain.results.isEmpty, causes.isEmpty {
            throw NotApplicable(
                "it said nothing about \(counted(recording.count, "event"))",
                next: "choose other data, or parameters that make it speak: --set NAME=VALUE")
        }
        let alone: Set<LookaheadQuestion> = [
            .oneByOne, .otherEnds, .anotherYear, .otherPrices, .newProcess, .elsewhere,
        ]
        if !causes.isDisjoint(with: [.clock, .memory]), alone.contains(question) {
            throw NotApplicable("equal replays differ", next: "mend that first")
        }
        if causes.contains(.process), question == .elsewhere {
            throw NotApplicable("another process says other things anyway", next: "mend that first")
        }
        if question == .slowly, causes.contains(.memory) {
            throw NotApplicable("equal replays differ", next: "mend that first")
        }
    }

    // MARK: What the questions share

    /// Messages of a size of which there are some forty: as in a run, several unanswered.
    var asRun: Passage {
        Passage(.of(max(1, min(256, recording.count / 40))))
    }

    func pass(
        _ question: LookaheadQuestion, _ passages: Passage..., through end: Int? = nil
    ) async throws -> [Passed] {
        try await bench.pass(recording, passages, through: end) { told(question, $0) }
    }

    func tell(_ question: LookaheadQuestion, _ fraction: Double) { told(question, fraction) }

    func finding(
        _ cause: LookaheadCause, _ difference: Difference, _ one: String, _ other: String
    ) -> LookaheadAnswer.Verdict {
        let index = min(recording.index(of: difference.position), recording.count - 1)
        return .found(
            LookaheadFinding(
                cause: cause, position: words(difference.position),
                time: recording.events[index].time, symbol: recording.symbol(difference.instrument),
                event: index + 1, with: (one, difference.one.spoken),
                without: (other, difference.other.spoken)))
    }

    private static let silent = "while nothing followed"

    /// An event that was not answered while nothing followed it.
    func silence(_ position: UInt64, _ said: Said) -> LookaheadAnswer.Verdict {
        let index = min(recording.index(of: position + 1), recording.count - 1)
        let event = recording.events[index]
        let results = said.results.filter { $0.position == event.position }
        return .found(
            LookaheadFinding(
                cause: .future, position: words(event.position), time: event.time,
                symbol: recording.symbol(results.first?.instrument ?? event.number),
                event: index + 1,
                with: ("with what follows", results.isEmpty ? "a watermark" : results.spoken),
                without: (
                    Self.silent,
                    "no watermark in \(seconds(bench.settings.patience))"
                )))
    }
}

/// The server cannot be asked: what was sent, and what came.
package struct LookaheadTrouble: Error, CustomStringConvertible {
    package let description: String
    init(_ question: LookaheadQuestion, _ obstacle: Obstacle) {
        description =
            "\(question.rawValue): sent \(obstacle.sent); came \(obstacle.came)"
            + "\n  'madang strategy check' says what is wrong with it"
    }
}

extension MadeEvent {
    /// Of its instrument; 0 for a timer.
    fileprivate var number: UInt32 {
        switch row {
        case .tick(let number, _, _, _), .quote(let number, _, _, _, _),
            .candle(let number, _, _, _, _, _, _), .fill(let number, _, _, _, _, _):
            number
        case .joins(let instrument): instrument.number
        case .leaves(let number): number
        case .timer: 0
        }
    }
}
