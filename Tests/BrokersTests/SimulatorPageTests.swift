import Foundation
import Testing

/// docs/SIMULATOR.md: every command on the page does what it says.
@Suite(.timeLimit(.minutes(2))) struct SimulatorPageTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func page() throws -> String {
        try String(contentsOf: root.appendingPathComponent("docs/SIMULATOR.md"), encoding: .utf8)
    }

    /// Plays the page from its first command to its last, at ports of the system's choice.
    @Test func everyCommandWorks() throws {
        let page = try Self.page()
        var lines = page.matches(of: /(?s)```sh\n(.*?)```/)
            .flatMap { $0.1.split(separator: "\n").map(String.init) }
        #expect(lines.count > 20)
        let start = try #require(lines.firstIndex { $0.hasPrefix("madang-sim ") })
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("madang-sim").path
        lines[start] = """
            coproc SIM { exec '\(program)' --port 0 --stream-port 0 --seed 7; }
            read -r line <&"${SIM[0]}"
            base=$(sed 's/.*"http":"\\([^"]*\\)".*/\\1/' <<<"$line")
            trap 'kill "$SIM_PID"' EXIT
            """
        let script =
            (["set -euo pipefail"]
            + lines.map {
                $0.hasPrefix("coproc")
                    ? $0
                    : $0.replacing("\"http://127.0.0.1:8800", with: "\"$base").replacing(
                        "http://127.0.0.1:8800", with: "$base")
            }).joined(separator: "\necho\n")
        let bash = Process()
        bash.executableURL = URL(fileURLWithPath: "/bin/bash")
        bash.arguments = ["-c", script.replacing("\necho\ncoproc", with: "\ncoproc")]
        let output = Pipe()
        bash.standardOutput = output
        bash.standardError = output
        try bash.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        bash.waitUntilExit()
        let said = String(decoding: bytes, as: UTF8.self)
        #expect(bash.terminationStatus == 0, "\(said)")
        #expect(said.contains(#""fee":"349.5""#), "\(said)")
        #expect(said.contains(#""limit":"70900""#), "\(said)")
        #expect(said.contains("500 Internal Server Error"))
        #expect(said.contains(#""struck":{"place/error_after":1}"#))
        #expect(said.contains(#""client_id":"my-3""#))
    }

    /// Each fault and each option that there is stands on the page.
    @Test func thePageNamesEverything() throws {
        let page = try Self.page()
        for name in [
            "lose_request", "hang", "error_before", "rate_limit", "maintenance", "unauthorized",
            "expire_token", "lose_reply", "time_out", "error_after", "half", "garbage", "delay",
            "lag", "double", "reorder", "lose", "drop",
        ] { #expect(page.contains("`\(name)`"), "\(name)") }
    }
}
