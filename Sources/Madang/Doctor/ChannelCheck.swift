import Platform

/// Where messages go. Nothing is sent: a doctor does not ring people up.
struct ChannelCheck: DoctorCheck {
    let name = "channels"
    let code = ExitCode.configuration

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        withConfiguration(environment) { configuration in
            guard !configuration.channels.isEmpty else {
                return [
                    .skipped(
                        "none configured: what happens is told on the screen and in the tables")
                ]
            }
            return configuration.channels.map { channel in
                let kind =
                    switch channel.place {
                    case .telegram: "Telegram"
                    case .discord: "Discord"
                    case .console: "the console"
                    }
                return .good("\(channel.name): \(kind), \(channel.language.rawValue); not called")
            }
        }
    }
}
