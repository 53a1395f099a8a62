import BenchmarkKit
import Foundation

/// A run of `madang` as fast as possible over generated events, with the server that computes.
struct HostRun {
    let folder: String
    let server: Server

    /// The recording: the same events as `FillWalk` and `FillCandles` of `sample.h`.
    func write() throws {
        let head = server.isOfCandles ? "ts,symbol,price,size\n" : "ts,symbol,price,size,side\n"
        var rows = Data(head.utf8)
        rows.reserveCapacity(server.events * 44)
        for step in 1...UInt64(server.events) {
            let symbol = "KR000\(step % 4 + 1)"
            let row: String
            if server.isOfCandles {
                let time = (1_700_000_000 + Int64(step - 1) / 4) * 1_000_000_000
                row = "\(time),\(symbol),\(Self.walk(step)),1\n"
            } else {
                let time = 1_700_000_000_000_000_000 + Int64(step) * 1_000_003
                row = "\(time),\(symbol),\(Self.walk(step)),1,\(step % 2 == 0 ? "B" : "S")\n"
            }
            rows.append(contentsOf: row.utf8)
        }
        try rows.write(to: URL(fileURLWithPath: "\(folder)/events.csv"))
    }

    private static func walk(_ step: UInt64) -> Int64 {
        var mixed = (step + 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        return 70_000 + Int64((mixed ^ (mixed >> 31)) % 64)
    }

    func configure() throws {
        let variables = server.environment.map { "\($0): \"\($1)\"" }.joined(separator: ", ")
        // A candle of a second is flat: its price stands in one column.
        let rows =
            server.isOfCandles
            ? """
                what: candles
                interval: 1s
                columns: { time: ts, symbol: symbol, open: price, high: price, low: price, close: price, volume: size }
            """
            : """
                what: ticks
                columns: { time: ts, symbol: symbol, price: price, quantity: size, side: side }
            """
        let configuration = """
            accounts:
              - { id: demo, broker: paper, currency: KRW, cash: 1000000000 }
            feeds:
              - kind: csv
                path: events.csv
                speed: max
                time: { unit: ns }
            \(rows)
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

    /// `madang run`, once, to its end.
    func run(_ madang: String) throws { _ = try ended(madang, ["run", "--fresh", "--quiet"]) }

    /// `madang backtest`, once: millions of events a second of its run, the start of the server and reading
    /// of the file's first rows apart.
    func backtest(_ madang: String) throws -> Double {
        let said = try ended(madang, ["backtest", "--json", "--quiet"])
        let last = said.split(separator: UInt8(ascii: "\n")).last ?? Data()
        let object = try? JSONSerialization.jsonObject(with: last) as? [String: Any]
        guard let events = object?["events"] as? Int, let seconds = object?["run_s"] as? Double,
            events == server.events
        else { giveUp("backtest: \(madang) said: \(String(decoding: last, as: UTF8.self))") }
        return Double(events) / seconds / 1e6
    }

    private func ended(_ madang: String, _ words: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: madang)
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            giveUp("\(words[0]): madang ended with \(process.terminationStatus)")
        }
        return said
    }
}
