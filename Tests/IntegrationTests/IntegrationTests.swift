import Testing

/// The real program with real servers, one test at a time: some measure time.
@Suite(
    .serialized,
    .enabled(if: Place.hasPython, "no .venv/bin/python and no MADANG_PYTHON: make setup"))
struct IntegrationTests {}

/// What the full configuration comes to when nothing disturbs it: made once, compared often.
enum Undisturbed {
    static let ticks = SampleTicks(count: 6_000)
    private static let run = Task {
        try await Scene(SceneConfiguration.full(), ticks: ticks).madang("run", "--json")
    }

    static func outcome() async throws -> Program.Outcome { try await run.value }
}
