import StrategyWire

/// Configure and Ready.
enum OpeningChecks {
    private static let start = "A session from its start"
    private static let who = "Who a server is"
    private static let refusing: Set<String> = ["failedPrecondition", "invalidArgument"]

    static let all = [
        Check("session-opens", .opening, "The server answers Configure with one Ready.", in: start)
        {
            bench in
            let trial = try await bench.start(try await bench.setting())
            let ready = trial.transcript.readies[0]
            return .good(sent: "Configure", came: "Ready of epoch \(ready.epoch)")
        },
        Check(
            "ready-repeats", .opening,
            "Ready repeats Configure.epoch and what Describe said of"
                + " instance, version and model hash.", in: start
        ) { bench in
            let description = try await bench.askDescription()
            var setting = try await bench.setting()
            setting.epoch = 4_711
            let ready = try await bench.start(setting).transcript.readies[0]
            let pairs = [
                ("epoch", "4711", "\(ready.epoch)"),
                ("instance_id", description.instanceID, ready.instanceID),
                ("version", description.version, ready.version),
                ("model_hash", description.model?.hash_ ?? "", ready.modelHash),
            ]
            return .judged(
                pairs.filter { $0.1 != $0.2 }.map { Fault("\($0.0) '\($0.2)', not '\($0.1)'") },
                sent: "Configure of epoch 4711", good: "Ready with all four")
        },
        Check(
            "ready-backtest", .opening,
            "In BACKTEST a fresh server says Ready.after = 0, whatever"
                + " the watermark.", in: start
        ) { bench in
            var setting = try await bench.setting()
            setting.watermark = 5 << 20
            setting.known = 9 << 20
            let state = try await bench.start(setting).transcript.readies[0].state
            let isFresh = state == .after(0) || state == .needsWarmUp(true)
            return .judged(
                isFresh ? [] : [Fault("Ready \(words(state))")],
                sent: "a new session in BACKTEST with the watermark 5.0", good: "Ready.after = 0")
        },
        Check(
            "ready-paced", .opening,
            "At a pace a fresh server says Ready.after = w, or asks for"
                + " the history that Describe named.", in: start
        ) { bench in
            var setting = try await bench.setting(.replay)
            setting.watermark = 5 << 20
            setting.known = 9 << 20
            let state = try await bench.start(setting).transcript.readies[0].state
            let wants = try await bench.description().inputs.contains { $0.warmUp > 0 }
            let isFit = state == .after(5 << 20) || (wants && state == .needsWarmUp(true))
            return .judged(
                isFit ? [] : [Fault("Ready \(words(state))")],
                sent: "a new session in REPLAY with the watermark 5.0",
                good: "Ready \(words(state))")
        },
        Check(
            "configure-first", .opening,
            "The first message of a stream is Configure, or the call"
                + " ends with FAILED_PRECONDITION.", in: "A server in outline"
        ) { bench in
            let trial = try bench.open(try await bench.setting())
            await trial.send(.beat(PBBeat(number: 1)))
            let end = try await trial.end(sent: "Beat as the first message")
            return .judged(
                end.code == "failedPrecondition" ? [] : [Fault(words(end))],
                sent: "Beat as the first message", good: words(end))
        },
        refused(
            "revision-refused",
            "A revision that is not spoken is refused with FAILED_PRECONDITION"
                + " or INVALID_ARGUMENT and a text.", "Configure.revision 99"
        ) { setting, _ in setting.revision = 99 },
        refused(
            "unknown-parameter-refused",
            "A parameter that is not of the schema is refused by"
                + " Configure.", "the parameter 'no such'"
        ) { setting, _ in setting.parameters["no such"] = "1" },
        refused(
            "parameter-out-of-range-refused",
            "A value beyond its bounds or beside its choices is"
                + " refused by Configure.", "a value out of range"
        ) { setting, description in
            guard
                let pair = description.parameters.lazy.compactMap({ each in
                    ParameterRules.beyond(each).map { (each.name, $0) }
                }).first
            else {
                throw NotApplicable(
                    "no parameter has bounds or choices", next: "give bounds where there are some")
            }
            setting.parameters[pair.0] = pair.1
        },
        refused(
            "parameter-of-another-type-refused",
            "A value that cannot be read as its type is"
                + " refused by Configure.", "a value of another type"
        ) { setting, description in
            guard
                let pair = description.parameters.lazy.compactMap({ each in
                    ParameterRules.ofAnotherType(each).map { (each.name, $0) }
                }).first
            else { throw NotApplicable("it has no numbers or switches", next: "nothing to do") }
            setting.parameters[pair.0] = pair.1
        },
        Check(
            "defaults-accepted", .opening,
            "The value of Describe is the one used when the host"
                + " sends none.", in: who
        ) { bench in
            let description = try await bench.description()
            guard !description.parameters.isEmpty else {
                throw NotApplicable("it has no parameters", next: "nothing to do")
            }
            let all = Dictionary(
                description.parameters.map { ($0.name, $0.defaultValue) }, uniquingKeysWith: { $1 }
            ).merging(bench.settings.parameters) { $1 }
            let spelled = try await bench.run(cuts: .whole) { $0.parameters = all }
            let plain = try await bench.wholeRun().transcript.results
            return .judged(
                SameResults.faults(plain, spelled.transcript.results, "with the defaults sent"),
                sent: "every default as a parameter", good: "the same results")
        },
        Check(
            "configure-unknown-field", .opening, "Skip fields that you do not know.", in: who
        ) { bench in
            let setting = try await bench.setting()
            let trial = try bench.open(setting)
            let inner = setting.configure.encoded() + Unknown.field
            await trial.send(raw: Framed.field(1, inner))
            try await trial.ready(sent: "Configure with a field 2047")
            return .good(sent: "Configure with a field 2047", came: "Ready")
        },
        Check(
            "many-instruments", .opening,
            "Configure.instruments names every instrument of the"
                + " session, however many.", in: "Events"
        ) { bench in
            var setting = try await bench.setting()
            for number in UInt32(2)..<500 {
                var instrument = Material.instruments[0]
                instrument.number = number
                instrument.symbol = "MADE\(number)"
                setting.instruments.append(instrument)
            }
            _ = try await bench.start(setting, sent: "Configure with 500 instruments")
            return .good(sent: "Configure with 500 instruments", came: "Ready")
        },
    ]

    /// A Configure that must end the call.
    private static func refused(
        _ name: String, _ says: String, _ what: String,
        _ change: @escaping @Sendable (inout SessionSetting, PBDescribeResponse) throws -> Void
    ) -> Check {
        Check(name, .opening, says, in: start) { bench in
            var setting = try await bench.setting()
            try change(&setting, try await bench.description())
            let trial = try bench.open(setting)
            await trial.configure()
            let sent = "Configure with \(what)"
            let end = try await trial.wait(for: "refusal", sent: sent) { transcript in
                transcript.end.map { words($0) + "|" + $0.code }
                    ?? (transcript.readies.isEmpty ? nil : "Ready|")
            }
            let parts = end.split(separator: "|", omittingEmptySubsequences: false)
            let code = String(parts.last ?? "")
            let text = trial.transcript.end?.text ?? ""
            if refusing.contains(code), text.isEmpty {
                return .wrong(sent: sent, came: "\(statusName(code)) without a text for people")
            }
            return refusing.contains(code)
                ? .good(sent: sent, came: parts.dropLast().joined(separator: "|"))
                : .wrong(sent: sent, came: parts.dropLast().joined(separator: "|"))
        }
    }
}

func words(_ state: PBReady.State?) -> String {
    switch state {
    case .after(let position): "after \(words(position))"
    case .needsWarmUp(let wants): "needs_warm_up \(wants)"
    case nil: "without a state"
    }
}

/// Messages made by hand.
enum Framed {
    /// A field that holds bytes.
    static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var length = bytes.count
        var out: [UInt8] = [number << 3 | 2]
        while length >= 0x80 {
            out.append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        return out + [UInt8(length)] + bytes
    }
}
