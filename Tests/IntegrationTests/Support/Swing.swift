import Ports

/// The strategy `swing` in Python over 1,500 ticks, and what a single server of it comes to.
enum Swing {
    static let ticks = SampleTicks(count: 1_500, pause: 7_500_000_000)

    /// - Parameter more: Keys of the strategy besides.
    static func scene(_ more: String, script: String = "swing.py") throws -> Scene {
        var configuration = SceneConfiguration()
        configuration.strategies = [SceneConfiguration.server("swing", script, more)]
        configuration.more = ["arbiter: { policy: first }"]
        return try Scene(configuration, ticks: ticks)
    }

    /// One server alone, as fast as possible: its summary, and what it said. Run once for all tests.
    static let alone = Task { () -> (RunSummary, [[String]]) in
        let made = try scene("")
        let outcome = try await made.madang("run", "--json")
        return (try outcome.summary(), try await said(made))
    }

    static func said(_ scene: Scene) async throws -> [[String]] {
        try await scene.query(
            "select position, symbol, result, action, confidence, status from signals"
                + " order by position, symbol, result")
    }
}
