import Testing

/// The real program with real servers, one test at a time.
@Suite(.serialized, .needsPython) struct IntegrationTests {}

/// Runs that tell people. With a channel in trouble they wait for its last chance, and use no
/// processor: beside the others.
@Suite(.serialized, .needsPython) struct TellingTests {}

/// Runs whose time counts: at the pace of the market, within a limit, or met in the middle. Tools/test
/// runs no other test beside them.
@Suite(.serialized, .needsPython) struct PacedTests {}

extension Trait where Self == ConditionTrait {
    static var needsPython: Self {
        .enabled(if: Place.hasPython, "no .venv/bin/python and no MADANG_PYTHON: make setup")
    }
}

/// What the full configuration comes to when nothing disturbs it: made once, compared often.
enum Undisturbed {
    static let ticks = SampleTicks(count: 6_000)
    private static let run = Task {
        try await Scene(SceneConfiguration.full(), ticks: ticks).madang("run", "--json")
    }

    static func outcome() async throws -> Program.Outcome { try await run.value }
}
