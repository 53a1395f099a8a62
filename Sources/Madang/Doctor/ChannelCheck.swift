import Platform

/// Where messages go.
struct ChannelCheck: DoctorCheck {
    let name = "channels"
    let code = ExitCode.configuration

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        [.skipped("none configured: what happens is told on the screen and in the tables")]
    }
}
