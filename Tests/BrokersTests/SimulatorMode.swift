import Ports
import Testing

/// How a simulated broker is, and how badly it behaves.
struct SimulatorMode: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var arguments: [String] = []
    var clientIDs = BrokerCapabilities.ClientOrderIDs.always
    var fills = BrokerCapabilities.FillHistory.each
    var changes = BrokerCapabilities.Changes.keepNumber
    var faults: [(String, String, String)] = []
    var isLossy = false
    /// Seconds by which the broker's clock goes on whenever everything was heard.
    var passes = 0
    /// Of its `--rate`: who calls is patient.
    var rate: Int?

    var hasShortLogins: Bool { passes > 0 || arguments.contains("--token-uses") }
    /// Whether a line that comes back is told what it missed.
    var isResumable: Bool { !arguments.contains("--no-resume") }

    static let plain = SimulatorMode(testDescription: "plain")
    static let all: [SimulatorMode] = [
        plain,
        SimulatorMode(
            testDescription: "ids while open, taxes told",
            arguments: ["--client-ids", "open", "--sell-tax-bps", "18"], clientIDs: .whileOpen),
        SimulatorMode(
            testDescription: "no ids", arguments: ["--client-ids", "none"], clientIDs: .none),
        SimulatorMode(
            testDescription: "new numbers", arguments: ["--changes", "new"], changes: .makeNumber),
        SimulatorMode(
            testDescription: "new numbers, no ids",
            arguments: ["--client-ids", "none", "--changes", "new"], clientIDs: .none,
            changes: .makeNumber),
        SimulatorMode(
            testDescription: "no ids, totals, no resumption, taxes told",
            arguments: [
                "--client-ids", "none", "--fill-history", "totals", "--no-resume",
                "--sell-tax-bps", "18",
            ],
            clientIDs: .none, fills: .totals),
        SimulatorMode(
            testDescription: "no changes", arguments: ["--changes", "none"], changes: .none),
        SimulatorMode(testDescription: "forty calls a second", rate: 40),
        SimulatorMode(
            // By its own clock, which is made to go on: each time with no login left.
            testDescription: "logins of a minute", arguments: ["--token-life", "60"], passes: 61),
        SimulatorMode(
            testDescription: "reports twice and out of order",
            faults: [
                ("double", "stream", #","chance":200000"#),
                ("reorder", "stream", #","chance":200000"#),
            ]),
        SimulatorMode(
            testDescription: "reports late, lines that break",
            faults: [
                ("delay", "stream", #","chance":200000,"wait_ms":2"#),
                ("drop", "stream", #","chance":30000"#),
            ]),
        SimulatorMode(
            testDescription: "reports that are lost",
            faults: [("lose", "stream", #","chance":30000"#)], isLossy: true),
        SimulatorMode(
            // By requests and not by time: a busy machine may take a second between login and order.
            testDescription: "short logins, slow answers", arguments: ["--token-uses", "25"],
            faults: [
                ("delay", "place", #","chance":200000,"wait_ms":3"#),
                ("delay", "cancel", #","chance":200000,"wait_ms":3"#),
                ("delay", "question", #","chance":20000,"wait_ms":3"#),
            ]),
    ]
}
