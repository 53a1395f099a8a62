import BenchmarkKit
import Foundation

/// `madang run` as fast as possible over generated ticks, with the server that computes.
struct HostRun {
    let folder: String
    let ticks: Int

    /// The recording: the same ticks as `FillWalk` of `sample.h`.
    func write() throws {
        var rows = Data("ts,symbol,price,size,side\n".utf8)
        rows.reserveCapacity(ticks * 44)
        for step in 1...UInt64(ticks) {
            let time = 1_700_000_000_000_000_000 + Int64(step) * 1_000_003
            rows.append(
                contentsOf:
                    "\(time),KR000\(step % 4 + 1),\(Self.walk(step)),1,\(step % 2 == 0 ? "B" : "S")\n"
                    .utf8)
        }
        try rows.write(to: URL(fileURLWithPath: "\(folder)/ticks.csv"))
    }

    private static func walk(_ step: UInt64) -> Int64 {
        var mixed = (step + 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        return 70_000 + Int64((mixed ^ (mixed >> 31)) % 64)
    }

    func configure(_ server: Server) throws {
        let variables = server.environment.map { "\($0): \"\($1)\"" }.joined(separator: ", ")
        let configuration = """
            accounts:
              - { id: demo, broker: paper, currency: KRW, cash: 1000000000 }
            feeds:
              - kind: csv
                path: ticks.csv
                what: ticks
                speed: max
                columns: { time: ts, symbol: symbol, price: price, quantity: size, side: side }
                time: { unit: ns }
            instruments:
              - { symbols: [KR0001, KR0002, KR0003, KR0004], market: KR }
            strategies:
              - name: computing
                kind: server
                launch: ["\(server.command.joined(separator: "\", \""))"]
                environment: { \(variables) }
                quantity: 1
            arbiter: { policy: confidence_weighted, threshold: 0.9 }

            """
        try configuration.write(
            toFile: "\(folder)/madang.yaml", atomically: true, encoding: .utf8)
    }

    /// Runs once, to its end.
    func run(madang: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: madang)
        process.arguments = ["run", "--fresh", "--quiet"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            giveUp("servers: madang ended with \(process.terminationStatus)")
        }
    }
}
