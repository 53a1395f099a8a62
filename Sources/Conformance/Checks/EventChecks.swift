import StrategyWire

/// Events: their cut, their order, and what is wrong with them.
enum EventChecks {
    private static let events = "Events"
    private static let cut = "Results must not depend on where a message ends."

    static let all = [
        rechunked("one-by-one", cut, .single, "each event in a message of its own"),
        rechunked("random-cuts", cut, .random(seed: 7), "1 to 40 events a message, by chance"),
        rechunked(
            "other-random-cuts", cut, .random(seed: 19), "1 to 40 events a message, otherwise"),
        rechunked(
            "same-again",
            "The same name, version, model hash and parameters give the same results"
                + " for the same events.", .whole, "the same run again"),
        Check(
            "largest-batch", .events,
            "A message holds at most 256 events, or largest_batch if"
                + " that is less.", in: "Credit and batches"
        ) { bench in
            let events = try await bench.material()
            let most = min(try await bench.batch(), events.count)
            let trial = try await bench.start(try await bench.setting())
            guard !(try await bench.description().readsAccount) else {
                throw NotApplicable(
                    "it reads account state, and is fed one step at a time", next: "nothing to do")
            }
            let last = try await trial.send(events.prefix(most), after: 0)
            let sent = "\(counted(most, "event")) in one message"
            try await trial.closed(last, sent: sent)
            return .good(sent: sent, came: "watermark \(words(last))")
        },
        Check(
            "two-sessions", .events,
            "A server may have several sessions open at once; each has a"
                + " state of its own.", in: "Service, health, addresses"
        ) { bench in
            let events = try await bench.material()
            let one = try await bench.start(try await bench.setting())
            let two = try await bench.start(try await bench.setting())
            var at: (UInt64, UInt64) = (0, 0)
            let parts = stride(from: 0, to: events.count, by: max(1, events.count / 12)).map {
                events[$0..<min($0 + max(1, events.count / 12), events.count)]
            }
            // The second lags, so that the two are never at the same place.
            for (index, part) in (parts + Array(repeating: [], count: 4)).enumerated() {
                if let last = part.last {
                    try await bench.feed(part, to: one, after: at.0)
                    at.0 = last.position
                }
                if index >= 4, index - 4 < parts.count, let last = parts[index - 4].last {
                    try await bench.feed(parts[index - 4], to: two, after: at.1)
                    at.1 = last.position
                }
            }
            let plain = try await bench.wholeRun().transcript.results
            return .judged(
                SameResults.faults(plain, one.transcript.results, "beside another session")
                    + SameResults.faults(plain, two.transcript.results, "behind another session"),
                sent: "the same events to two sessions in turn", good: "the same results in both")
        },
        Check(
            "unfinished-candles", .events,
            "With Input.unfinished also one that still grows, with bit 0 clear, behind each trade"
                + " or shorter candle that changes it.", in: events
        ) { bench in
            let all = try await bench.material()
            guard let first = all.firstIndex(where: { $0.closes != nil }),
                let final = all[first...].firstIndex(where: { $0.closesCandle })
            else {
                throw NotApplicable(
                    "it asks for no candles that still grow",
                    next: "set Input.unfinished where the strategy wants them")
            }
            let trial = try await bench.start(try await bench.setting())
            let end = History.wholeStep(final + 1, of: all)
            try await bench.feed(all[..<end], to: trial, after: 0)
            let growing = all[..<end].count { $0.closes != nil }
            return .good(
                sent: "\(counted(growing, "state")) of candles that grow, and their close",
                came: "watermark \(words(all[end - 1].position))")
        },
        refused(
            "previous-checked",
            "Events.previous must be where the server stands; if not, it ends"
                + " the call with FAILED_PRECONDITION and both numbers.", ["failedPrecondition"],
            "events that follow 0.7"
        ) { message in message.previous += 7 },
        refused(
            "count-checked", "Events.count is the number of rows.",
            ["invalidArgument", "failedPrecondition"], "events whose count is one too many"
        ) { message in message.count += 1 },
        refused(
            "instrument-checked",
            "An instrument that is not in the session's list ends the call"
                + " with INVALID_ARGUMENT.", ["invalidArgument"], "an event of instrument 77"
        ) { message in try message.change(instrument: 77) },
        refused(
            "columns-checked", "Columns of different lengths end the call with INVALID_ARGUMENT.",
            ["invalidArgument"], "a column that is one row short"
        ) { message in message.shorten() },
        refused(
            "order-checked", "Offsets that do not rise end the call with INVALID_ARGUMENT.",
            ["invalidArgument"], "two rows with the same offset"
        ) { message in try message.repeatOffset() },
        Check(
            "unknown-message", .events, "Skip what you do not know: v1 only grows.",
            in: "Who a server is"
        ) { bench in
            let events = try await bench.material()
            let trial = try await bench.start(try await bench.setting())
            await trial.send(raw: Unknown.field)
            let first = History.wholeStep(1, of: events)
            try await bench.feed(events[..<first], to: trial, after: 0)
            return .good(
                sent: "a message of a kind 2047, then events", came: "watermark and no complaint")
        },
        Check(
            "events-unknown-field", .events, "Skip fields that you do not know.",
            in: "Who a server is"
        ) { bench in
            let events = try await bench.material()
            let trial = try await bench.start(try await bench.setting())
            let first = events.prefix(1)
            let message = PBEvents(first, after: 0)
            await trial.send(raw: Framed.field(4, message.encoded() + Unknown.field))
            let sent = "Events with a field 2047"
            try await trial.closed(first[0].position, sent: sent)
            return .good(sent: sent, came: "watermark \(words(first[0].position))")
        },
        Check(
            "empty-columns", .events,
            "A column that may be empty is empty or whole, and empty means"
                + " all zero.", in: events
        ) { bench in
            let events = try await bench.material()
            let isSlow = try await bench.description().readsAccount
            let most = isSlow ? History.wholeStep(1, of: events) : try await bench.batch()
            let message = PBEvents(events.prefix(most), after: 0)
            var results: [[PBResult]] = []
            for isWhole in [true, false] {
                let trial = try await bench.start(try await bench.setting())
                let sent = isWhole ? "optional columns of zeros" : "optional columns that are empty"
                await trial.send(.events(try message.withOptionalColumns(isWhole)))
                try await trial.closed(message.positions.last ?? 0, sent: sent)
                results.append(trial.transcript.results)
            }
            return .judged(
                SameResults.faults(results[0], results[1], "with empty columns"),
                sent: "optional columns of zeros, and empty ones",
                good: "the same \(counted(results[0].count, "result"))")
        },
        Check(
            "high-positions", .events, "A position is 64 bits, and only compared.", in: "Positions"
        ) { bench in
            let shift: UInt64 = 0xF_FFFF_0000 << 28
            let events = try await bench.material().prefix(40).map { event in
                var event = event
                event.position += shift
                return event
            }
            let trial = try await bench.start(try await bench.setting())
            try await bench.feed(events, to: trial, after: 0)
            let last = events[events.count - 1].position
            return .judged(
                trial.transcript.watermark == last ? [] : [Fault("another watermark")],
                sent: "events with positions beyond 2⁶³", good: "watermark \(words(last))")
        },
        Check(
            "big-values", .events, "Prices and quantities are integers of 64 bits at 10⁻⁸.",
            in: "Units"
        ) { bench in
            let events = try await bench.material().prefix(40).map { $0.magnified() }
            let trial = try await bench.start(try await bench.setting())
            try await bench.feed(events, to: trial, after: 0)
            return .judged(
                SessionRules(trial.transcript).valuesAreInRange(),
                sent: "prices and quantities near the end of 64 bits",
                good: "watermark \(words(events[events.count - 1].position))")
        },
    ]

    private static func rechunked(
        _ name: String, _ says: String, _ cuts: Cuts, _ what: String
    ) -> Check {
        Check(name, .events, says, in: events) { bench in
            let plain = try await bench.wholeRun().transcript.results
            let other = try await bench.run(cuts: cuts).transcript.results
            let verdict = Verdict.judged(
                SameResults.faults(plain, other, "with \(what)"),
                sent: what, good: "the same \(counted(plain.count, "result"))")
            if plain.isEmpty, other.isEmpty { _ = try await bench.resultsOfWholeRun() }
            return verdict
        }
    }

    /// A second message of events that must end the call.
    private static func refused(
        _ name: String, _ says: String, _ codes: Set<String>, _ what: String,
        _ change: @escaping @Sendable (inout PBEvents) throws -> Void
    ) -> Check {
        Check(name, .events, says, in: events) { bench in
            let events = try await bench.material()
            let first = History.wholeStep(1, of: events)
            let most = try await bench.batch()
            let second = min(History.wholeStep(first + 11, of: events), first + most)
            let trial = try await bench.start(try await bench.setting())
            try await bench.feed(events[..<first], to: trial, after: 0)
            let previous = events[first - 1].position
            var message = PBEvents(events[first..<second], after: previous)
            try change(&message)
            await trial.send(.events(message))
            let end = try await trial.wait(for: "end of the call", sent: what) { transcript in
                transcript.end.map { [$0.code, words($0)] }
                    ?? ((transcript.watermark ?? 0) > previous
                        ? ["", "watermark \(words(transcript.watermark ?? 0))"] : nil)
            }
            return codes.contains(end[0])
                ? .good(sent: what, came: end[1]) : .wrong(sent: what, came: end[1])
        }
    }
}
