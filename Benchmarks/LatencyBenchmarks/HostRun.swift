import BenchmarkKit
import Foundation

/// `madang run` over ticks at their own pace, with the same server as the bare session.
struct HostRun {
    let folder: String

    func write(python: String, strategy: String, ticks: Int, every pause: Int64) throws {
        var rows = "ts,symbol,price,size,side\n"
        for index in 0..<ticks {
            let time = 1_700_000_000_000_000_000 + Int64(index) * pause
            rows += "\(time),KR000\(index % 4 + 1),\(70_100 + index % 64),1,B\n"
        }
        try rows.write(toFile: "\(folder)/ticks.csv", atomically: true, encoding: .utf8)
        let configuration = """
            accounts:
              - { id: demo, broker: paper, currency: KRW, cash: 1000000000 }
            feeds:
              - kind: csv
                path: ticks.csv
                what: ticks
                speed: 1x
                columns: { time: ts, symbol: symbol, price: price, quantity: size, side: side }
                time: { unit: ns }
            instruments:
              - { symbols: [KR0001, KR0002, KR0003, KR0004], market: KR }
            strategies:
              - name: answering
                kind: server
                launch: ["\(python)", "\(strategy)"]
                quantity: 1
                deadline: 200ms
            arbiter: { policy: confidence_weighted, threshold: 0.9 }

            """
        try configuration.write(
            toFile: "\(folder)/madang.yaml", atomically: true, encoding: .utf8)
    }

    /// - Returns: ns at the median and the 99th percentile, from a tick's entry to its result's arrival.
    func run(madang: String, ticks: Int) throws -> (p50: Double, p99: Double) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: madang)
        process.arguments = ["run", "--fresh", "--summary", "\(folder)/summary.json"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let data = FileManager.default.contents(atPath: "\(folder)/summary.json") ?? Data()
        let summary = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        let sources = summary?["sources"] as? [[String: Any]]
        guard process.terminationStatus == 0,
            let latency = sources?.first?["latency_ns"] as? [String: Any],
            let count = latency["count"] as? Int, let p50 = latency["p50"] as? Double,
            let p99 = latency["p99"] as? Double
        else { giveUp("latency: madang ended with \(process.terminationStatus), no figures") }
        guard count >= ticks * 9 / 10 else {
            giveUp("latency: only \(count) of \(ticks) ticks were answered")
        }
        return (p50, p99)
    }
}
