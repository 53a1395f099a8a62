import StrategyWire

/// Who the server says it is, and whether it is well.
enum DescribeChecks {
    private static let who = "Who a server is"
    private static let service = "Service, health, addresses"

    static let all = [
        Check("describe-answers", .describe, "Describe answers within 5 s.", in: service) { bench in
            let description = try await bench.description()
            return .good(sent: "Describe", came: "'\(description.name)' \(description.version)")
        },
        Check(
            "describe-repeats", .describe,
            "Describe is without side effects: the same question"
                + " has the same answer.", in: service
        ) { bench in
            let (one, two) = (try await bench.askDescription(), try await bench.askDescription())
            return .judged(
                one == two ? [] : [Fault("two different answers")], sent: "Describe twice",
                good: "the same answer")
        },
        judging("describe-name", "name is 1 to 64 bytes of [A-Za-z0-9_.-].") {
            DescriptionRules.name($0.name)
        },
        judging(
            "describe-identity",
            "version, instance_id and model.hash have at most 64 bytes each,"
                + " and instance_id is new with each start."
        ) { DescriptionRules.identity($0) },
        judging("describe-revisions", "Both sides name the lowest and highest revision they speak.")
        {
            DescriptionRules.revisions($0.revisions)
        },
        judging(
            "describe-inputs",
            "At least one input, each once; intervals are whole seconds up to"
                + " 366 days."
        ) { DescriptionRules.inputs($0.inputs) },
        Check(
            "describe-parameters", .describe,
            "Parameters have a name and a type, bounds that can"
                + " be read, and a default that their schema allows.", in: who
        ) { bench in
            let parameters = try await bench.description().parameters
            guard !parameters.isEmpty else {
                throw NotApplicable("it has no parameters", next: "nothing to do")
            }
            return .judged(
                DescriptionRules.parameters(parameters), sent: "Describe",
                good: counted(parameters.count, "parameter"))
        },
        Check(
            "describe-passes-over-parameters", .describe,
            "What does not fit the schema is passed"
                + " over in Describe; Configure refuses it.", in: who
        ) { bench in
            let description = try await bench.askDescription { $0.parameters["no such"] = "1" }
            return .judged(
                description.name == (try await bench.description()).name
                    ? [] : [Fault("another name")],
                sent: "Describe with the parameter 'no such'", good: "an answer")
        },
        Check(
            "describe-unknown-field", .describe, "Skip fields that you do not know.", in: who
        ) { bench in
            _ = try await bench.askDescription(raw: Unknown.field)
            return .good(sent: "Describe with a field 2047", came: "an answer")
        },
        Check(
            "health-serving", .health, "Check(\"\") of grpc.health.v1.Health answers SERVING.",
            in: service
        ) { bench in try await health(bench, sent: "health Check(\"\")") },
        Check(
            "health-while-running", .health,
            "Long work does not stop the thread that answers"
                + " health and Describe.", in: "Before you call it done"
        ) { bench in
            let trial = try await bench.start(try await bench.setting())
            let events = try await bench.material()
            let last = try await trial.send(events.prefix(try await bench.batch()), after: 0)
            let verdict = try await health(bench, sent: "health Check(\"\") in a session at work")
            _ = try await bench.askDescription()
            try await trial.closed(last, sent: "events, health and Describe at once")
            return verdict
        },
    ]

    private static func judging(
        _ name: String, _ says: String, _ rule: @escaping @Sendable (PBDescribeResponse) -> [Fault]
    ) -> Check {
        Check(name, .describe, says, in: who) { bench in
            .judged(rule(try await bench.description()), sent: "Describe", good: "it is so")
        }
    }

    private static func health(_ bench: Workbench, sent: String) async throws -> Verdict {
        let bytes = try await bench.unary(
            PBHealth.checkPath, PBHealthCheckRequest().encoded(), sent: sent)
        let status = (try? PBHealthCheckResponse(decoding: bytes))?.status
        return .judged(
            status == .serving
                ? [] : [Fault("the status \(status.map { "\($0)" } ?? "that cannot be read")")],
            sent: sent, good: "SERVING")
    }
}

/// What a newer host might send.
enum Unknown {
    /// Field 2047, a text.
    static let field: [UInt8] = [0xFA, 0x7F, 0x03, 0x6E, 0x65, 0x77]
}
