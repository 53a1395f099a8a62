import StrategyWire

extension Lookahead {
    private static let run = "as a run sends it"
    private static let alone = "with nothing behind it"

    private func good(_ words: String) -> LookaheadAnswer.Verdict { .good(words) }
    private var same: LookaheadAnswer.Verdict {
        .good("the same \(counted(plain.results.count, "result"))")
    }

    // MARK: Chance, clock, memory, process

    mutating func sideBySide() async throws -> LookaheadAnswer.Verdict {
        let passed = try await pass(.sideBySide, asRun, asRun)
        plain = passed[0].said
        if let position = passed.compactMap(\.silentBehind).min() {
            return silence(position, plain)
        }
        if let difference = plain.difference(from: passed[1].said) {
            return finding(
                .chance, difference, "in one session", "in the other, at the same moment")
        }
        return same
    }

    func again() async throws -> LookaheadAnswer.Verdict {
        let first = try await pass(.again, asRun)[0]
        guard let difference = plain.difference(from: first.said) else { return same }
        // What an earlier session left behind is there each time; a clock goes on.
        let second = try await pass(.again, asRun)[0]
        let stands = first.said.difference(from: second.said) == nil
        return finding(
            stands ? .memory : .clock, difference, "the first time", "the second time")
    }

    func slowly() async throws -> LookaheadAnswer.Verdict {
        var slow = asRun
        slow.pauses = settings.pauses
        let passed = try await pass(.slowly, slow)[0]
        guard let difference = plain.difference(from: passed.said) else { return same }
        return finding(
            .clock, difference, "as fast as possible",
            "\(seconds(settings.pauses)) slower")
    }

    func newProcess() async throws -> LookaheadAnswer.Verdict {
        try await bench.startAnew([:])
        let passed = try await pass(.newProcess, asRun)[0]
        guard let difference = plain.difference(from: passed.said) else { return same }
        return finding(.process, difference, "in the first process", "in a new one")
    }

    func elsewhere() async throws -> LookaheadAnswer.Verdict {
        var settings = settings
        var passed: Passed
        do {
            passed = try await said(in: settings.elsewhere)
        } catch let obstacle as Obstacle {
            // A library that moves clocks breaks calls now and then: absolute sleeps, in some versions.
            guard settings.clockLibrary != nil else { throw obstacle }
            await bench.tidyUp()
            settings.clockLibrary = nil
            passed = try await said(in: settings.elsewhere)
        }
        let isMoved = settings.clockLibrary != nil
        guard let difference = plain.difference(from: passed.said) else {
            return isMoved
                ? same
                : good(
                    "the same \(counted(plain.results.count, "result")), in another time zone alone"
                )
        }
        return finding(
            .clock, difference, "in the first process",
            "in one with another \(isMoved ? "clock and time zone" : "time zone")")
    }

    private func said(in environment: [String: String]) async throws -> Passed {
        try await bench.startAnew(environment)
        return try await pass(.elsewhere, asRun)[0]
    }

    // MARK: The future, and ends

    mutating func oneByOne() async throws -> LookaheadAnswer.Verdict {
        let alone = try await pass(.oneByOne, .alone)[0]
        if let position = alone.silentBehind { return silence(position, plain) }
        saidAlone = alone.said
        guard let difference = plain.difference(from: alone.said) else { return same }
        return try await judged(difference, asRun, Self.run, Self.alone, .oneByOne)
    }

    func otherEnds() async throws -> LookaheadAnswer.Verdict {
        guard !(try await bench.description().readsAccount) else {
            throw NotApplicable(
                "it reads account state, and is sent one step at a time", next: "nothing to do")
        }
        var earliest: (difference: Difference, passage: Passage)?
        for cuts in [Cuts.whole, .of(7), .random(seed: 7), .random(seed: 19)] {
            let passage = Passage(cuts)
            let passed = try await pass(.otherEnds, passage)[0]
            if let position = passed.silentBehind { return silence(position, plain) }
            let reference = saidAlone ?? plain
            guard let difference = passed.said.difference(from: reference) else { continue }
            if difference.position < earliest?.difference.position ?? .max {
                earliest = (difference, passage)
            }
        }
        guard let earliest else { return same }
        return try await judged(
            earliest.difference, earliest.passage, "in messages that end elsewhere",
            saidAlone == nil ? Self.run : Self.alone, .otherEnds)
    }

    /// Whether two replays differ for what followed, or only for where messages ended.
    private func judged(
        _ difference: Difference, _ passage: Passage, _ one: String, _ other: String,
        _ question: LookaheadQuestion
    ) async throws -> LookaheadAnswer.Verdict {
        let index = min(recording.index(of: difference.position), recording.count - 1)
        for way in passage.cuts.isSame(as: asRun.cuts) ? [passage] : [passage, asRun] {
            if try await future(question, at: index, way) != nil {
                return finding(.future, difference, one, other)
            }
        }
        return finding(.ends, difference, one, other)
    }

    func cutOff() async throws -> LookaheadAnswer.Verdict {
        let places = cutPlaces()
        for (number, index) in places.enumerated() {
            tell(.cutOff, Double(number) / Double(places.count))
            if let verdict = try await future(.cutOff, at: index, asRun) { return verdict }
        }
        return good("the same results at \(counted(places.count, "cut"))")
    }

    /// Indexes of events with results, evenly; where there are too few, of others too.
    private func cutPlaces() -> [Int] {
        func evenly(_ all: [Int], _ count: Int) -> [Int] {
            guard all.count > count else { return all }
            return (0..<count).map { all[($0 * 2 + 1) * all.count / (count * 2)] }
        }
        let spoken = Set(plain.results.map { recording.index(of: $0.position) })
            .filter { $0 < recording.count }.sorted()
        var places = Set(evenly(spoken, settings.cuts))
        let rest = Array(recording.events.indices)
        places.formUnion(evenly(rest, settings.cuts - places.count))
        return places.sorted()
    }

    /// Sessions side by side: the recording, the same with a message that ends at the event, with
    /// nothing behind that message, and with other markets behind the event.
    ///
    /// - Returns: What differs up to the event, for nothing but what comes behind it. Asked twice,
    ///   so that a clock's tick between two sessions is not taken for the future.
    private func future(
        _ question: LookaheadQuestion, at index: Int, _ passage: Passage
    ) async throws -> LookaheadAnswer.Verdict? {
        guard let first = try await futureOnce(at: index, passage) else { return nil }
        guard let second = try await futureOnce(at: index, passage),
            first.position == second.position
        else { return nil }
        return first.verdict
    }

    private func futureOnce(
        at index: Int, _ passage: Passage
    ) async throws -> (position: UInt64, verdict: LookaheadAnswer.Verdict)? {
        let last = recording.events[index].position
        let ending = passage.ending(at: index)
        let markets = Alteration.Market.allCases.map {
            passage.altered(.market($0, behind: index))
        }
        let passed = try await bench.pass(
            recording, [passage, ending, ending.cutOff(at: index)] + markets, through: index)
        let said = passed.map(\.said)
        if let behind = passed[2].silentBehind, behind < last {
            return (behind, silence(behind, said[0]))
        }
        let pairs =
            [(1, 2, "with nothing behind it")]
            + markets.indices.map { (0, 3 + $0, "with another market behind it") }
        let found = pairs.compactMap { one, two, how in
            said[one].difference(from: said[two], through: last).map { ($0, how) }
        }
        if let (difference, how) = found.min(by: { $0.0.position < $1.0.position }) {
            return (
                difference.position,
                finding(.future, difference, "with what follows in the recording", how)
            )
        }
        return nil
    }

    // MARK: What it has from elsewhere

    func anotherYear() async throws -> LookaheadAnswer.Verdict {
        let passed = try await pass(.anotherYear, asRun, asRun.altered(.moved))
        let difference = passed[0].said.withoutTexts()
            .difference(from: passed[1].said.withoutTexts())
        guard let difference else {
            return good(
                "the same \(counted(plain.results.count, "result")), words for people aside")
        }
        return finding(
            .recording, difference, "in its own year", "28 years away, all else the same")
    }

    /// As many results as tell that prices are not looked at.
    private static let telling = 5

    func otherPrices() async throws -> LookaheadAnswer.Verdict {
        let cut = recording.count / 4
        let last = recording.events[cut].position
        let passed = try await pass(
            .otherPrices, asRun, asRun.altered(.market(.mirrored, behind: cut)))
        let one = passed[0].said.withoutTexts().behind(last)
        let two = passed[1].said.withoutTexts().behind(last)
        guard one.results.count >= Self.telling else {
            throw NotApplicable(
                "it said too little behind the first quarter to compare",
                next: "choose more data, or parameters that make it speak: --set NAME=VALUE")
        }
        guard one.difference(from: two) == nil, let first = one.results.first else {
            return good("other results")
        }
        let same = one.results.filter {
            $0.position == first.position && $0.instrument == first.instrument
        }
        return finding(
            .recording,
            Difference(
                position: first.position, instrument: first.instrument, one: same, other: same),
            "with the recorded prices", "with others, as of all that follows")
    }
}

extension Cuts {
    fileprivate func isSame(as other: Cuts) -> Bool { "\(self)" == "\(other)" }
}

extension Workbench {
    /// Ends the server's process and starts another.
    ///
    /// - Parameter environment: On top of the first one's.
    func startAnew(_ environment: [String: String]) async throws {
        guard let program else {
            throw NotApplicable(
                "somebody else has started the server", next: "let it be started: --launch CMD...")
        }
        _ = await program.terminate()
        do {
            try await program.start(with: environment)
            try await reach(within: .seconds(30))
        } catch {
            throw Obstacle(sent: "a new start of the server", came: "\(error)")
        }
        forgetDescription()
    }
}
