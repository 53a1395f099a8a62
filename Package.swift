// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

/// A room of Swift code: see docs/ARCHITECTURE.md for the table of what may import what.
func room(_ name: String, _ imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, swiftSettings: strict)
}

/// A door to a C library: a module map and a header, no code.
func door(_ name: String) -> Target { .systemLibrary(name: name, path: "Sources/\(name)") }

func tests(
    _ name: String, _ imports: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(name: name, dependencies: imports, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "madang",
    products: [
        .executable(name: "madang", targets: ["Madang"]),
        .executable(name: "madang-sim", targets: ["MadangSim"]),
    ],
    targets: [
        room("TradingModel"),
        room("Ports", ["TradingModel"]),
        room("StrategyWire", ["TradingModel"]),
        room("Platform", ["CYAML", "CLinux"]),
        room("GRPCTransport", ["CGRPC"]),

        door("CGRPC"),
        door("CYAML"),
        door("CLinux"),
        door("CZlib"),
        door("COpenSSL"),
        door("CCurl"),
        door("CMicroHTTPD"),
        door("CWebSockets"),
        room("HTTPTransport", ["Platform", "CCurl", "CMicroHTTPD", "CWebSockets"]),
        room("Notifications", ["TradingModel", "Platform", "Ports", "HTTPTransport"]),
        tests(
            "HTTPTransportTests", ["HTTPTransport", "Platform", "COpenSSL", "TestKit"],
            exclude: ["Servers"]),
        tests(
            "NotificationsTests",
            ["Notifications", "HTTPTransport", "Platform", "Ports", "TradingModel", "TestKit"],
            exclude: ["Servers"]),
        room("Vault", ["Ports", "COpenSSL"]),
        room("Feeds", ["TradingModel", "Platform", "Ports", "CZlib"]),
        room("Indicators", ["TradingModel"]),
        room("Strategies", ["TradingModel", "Indicators"]),
        room("Rules", ["TradingModel", "Indicators"]),
        room("Kernel", ["TradingModel", "Indicators", "Strategies", "Rules"]),
        room("PaperExchange", ["TradingModel"]),
        room("Orders", ["TradingModel", "Ports"]),
        tests("OrdersTests", ["Orders", "Ports", "TradingModel", "TestKit"]),
        room("Simulation", ["TradingModel", "Kernel", "PaperExchange", "Ports", "Orders"]),
        tests(
            "SimulationTests",
            [
                "Simulation", "Kernel", "Orders", "PaperExchange", "Ports", "TestKit",
                "TradingModel",
            ]),
        room("Brokers", ["TradingModel", "Platform", "Ports", "PaperExchange", "HTTPTransport"]),
        .executableTarget(
            name: "MadangSim",
            dependencies: [
                "TradingModel", "Platform", "Ports", "PaperExchange", "Brokers", "HTTPTransport",
            ], swiftSettings: strict),
        tests(
            "MadangSimTests",
            [
                "MadangSim", "Brokers", "PaperExchange", "HTTPTransport", "Platform", "Ports",
                "TradingModel", "TestKit",
            ]),
        .executableTarget(
            name: "Madang",
            dependencies: [
                "TradingModel", "Indicators", "Strategies", "Rules", "Kernel", "PaperExchange",
                "Platform", "Ports", "Host", "Backtest", "GRPCTransport", "StrategyServers",
                "Conformance", "Vault", "Simulation",
                "Feeds", "Storage", "HTTPTransport", "Notifications", "Orders", "Brokers",
            ], swiftSettings: strict),
        room(
            "StrategyServers",
            ["TradingModel", "Platform", "Ports", "GRPCTransport", "StrategyWire"]),
        room(
            "Conformance",
            ["TradingModel", "Platform", "Ports", "GRPCTransport", "StrategyWire"]),
        room("Host", ["TradingModel", "Kernel", "PaperExchange", "Platform", "Ports", "Orders"]),
        room("Backtest", ["TradingModel", "Kernel", "Ports", "Host"]),

        door("CSQLite"),
        door("CPQ"),
        room("Storage", ["TradingModel", "Platform", "Ports", "CSQLite", "CPQ"]),
        .executableTarget(
            name: "LogCrashTool", dependencies: ["Storage", "Ports"], path: "Tests/LogCrashTool",
            swiftSettings: strict),
        tests(
            "StorageTests",
            [
                "Storage", "Host", "Platform", "Ports", "TradingModel", "CSQLite", "LogCrashTool",
                "TestKit",
            ]),

        tests("ArchitectureTests", []),
        tests(
            "DocumentTests",
            [
                "Madang", "Conformance", "StrategyServers", "StrategyWire", "GRPCTransport",
                "Platform", "Ports", "TradingModel",
            ]),
        tests("TradingModelTests", ["TradingModel", "TestKit"]),
        tests(
            "IndicatorsTests", ["Indicators", "TradingModel", "TestKit"], exclude: ["Reference"]),
        tests("StrategiesTests", ["Strategies", "Indicators", "TradingModel", "TestKit"]),
        tests("RulesTests", ["Rules", "Indicators", "TradingModel", "TestKit"]),
        tests(
            "StrategyWireTests", ["StrategyWire", "TradingModel", "TestKit"], exclude: ["Protos"]),
        tests(
            "StrategyServersTests",
            [
                "StrategyServers", "StrategyWire", "GRPCTransport", "Platform", "Ports",
                "TradingModel", "TestKit",
            ], exclude: ["Servers"]),
        tests(
            "ConformanceTests",
            [
                "Conformance", "StrategyWire", "GRPCTransport", "Platform", "TestKit",
            ], exclude: ["Servers"]),
        tests("GRPCTransportTests", ["GRPCTransport", "TestKit"], exclude: ["Servers"]),
        .executableTarget(
            name: "ChildHost", dependencies: ["Platform"], path: "Tests/ChildHost",
            swiftSettings: strict),
        .executableTarget(
            name: "PlatformBenchmarks", dependencies: ["BenchmarkKit", "Platform"],
            path: "Benchmarks/PlatformBenchmarks", swiftSettings: strict),
        .executableTarget(
            name: "FeedBenchmarks",
            dependencies: [
                "BenchmarkKit", "Feeds", "Vault", "Ports", "TradingModel",
            ], path: "Benchmarks/FeedBenchmarks", swiftSettings: strict),
        .target(
            name: "BenchmarkKit", path: "Benchmarks/BenchmarkKit", swiftSettings: strict),
        .executableTarget(
            name: "KernelBenchmarks",
            dependencies: [
                "BenchmarkKit", "Host", "Kernel", "PaperExchange", "Strategies", "TradingModel",
            ], path: "Benchmarks/KernelBenchmarks", swiftSettings: strict),
        .executableTarget(
            name: "RuleBenchmarks",
            dependencies: ["BenchmarkKit", "Indicators", "Kernel", "Rules", "TradingModel"],
            path: "Benchmarks/RuleBenchmarks", swiftSettings: strict),
        .executableTarget(
            name: "GRPCBenchmarks",
            dependencies: [
                "BenchmarkKit", "BenchmarkSamples", "GRPCTransport", "StrategyWire",
                "TradingModel",
            ], path: "Benchmarks/GRPCBenchmarks", exclude: ["cpp", "server.py"],
            swiftSettings: strict),
        .target(
            name: "BenchmarkSamples", dependencies: ["StrategyWire", "TradingModel"],
            path: "Benchmarks/BenchmarkSamples", swiftSettings: strict),
        .executableTarget(
            name: "WireBenchmarks",
            dependencies: ["BenchmarkKit", "BenchmarkSamples", "StrategyWire"],
            path: "Benchmarks/WireBenchmarks", swiftSettings: strict),
        .executableTarget(
            name: "LatencyBenchmarks",
            dependencies: ["BenchmarkKit", "BenchmarkSamples", "GRPCTransport", "StrategyWire"],
            path: "Benchmarks/LatencyBenchmarks", swiftSettings: strict),
        .executableTarget(
            name: "ServerBenchmarks", dependencies: ["BenchmarkKit"],
            path: "Benchmarks/ServerBenchmarks", exclude: ["computing.py"], swiftSettings: strict),
        .executableTarget(
            name: "LogBenchmarks", dependencies: ["BenchmarkKit", "Storage", "Ports"],
            path: "Benchmarks/LogBenchmarks", swiftSettings: strict),
        .executableTarget(
            name: "OrderBenchmarks",
            dependencies: [
                "Backtest", "BenchmarkKit", "Host", "Kernel", "Orders", "Platform", "Ports",
                "Storage", "Strategies", "TestKit", "TradingModel", "Vault",
            ], path: "Benchmarks/OrderBenchmarks", swiftSettings: strict),
        tests("VaultTests", ["Vault"]),
        tests("FeedsTests", ["Feeds", "Vault", "Ports", "TradingModel", "CZlib", "TestKit"]),
        .target(
            name: "TestKit",
            dependencies: ["TradingModel", "Strategies", "Kernel", "Platform", "Ports"],
            path: "Tests/TestKit", swiftSettings: strict),
        tests(
            "KernelTests",
            ["Kernel", "Strategies", "Rules", "PaperExchange", "TradingModel", "TestKit"]),
        tests("PaperExchangeTests", ["PaperExchange", "TradingModel", "TestKit"]),
        tests(
            "BrokersTests",
            [
                "Brokers", "MadangSim", "HTTPTransport", "Orders", "PaperExchange", "Platform",
                "Ports", "TradingModel", "TestKit",
            ]),
        tests(
            "HostTests",
            [
                "Host", "Kernel", "Orders", "Strategies", "PaperExchange", "Platform", "Ports",
                "TradingModel", "TestKit",
            ]),
        tests(
            "BacktestTests",
            [
                "Backtest", "Host", "Kernel", "Strategies", "PaperExchange", "Platform", "Ports",
                "TradingModel", "TestKit",
            ]),
        tests(
            "MadangTests",
            [
                "Madang", "Backtest", "Brokers", "Host", "Kernel", "Platform", "Ports", "Storage",
                "StrategyServers", "StrategyWire", "TradingModel", "TestKit",
            ]),
        tests(
            "IntegrationTests",
            ["Madang", "Platform", "Ports", "HTTPTransport", "TestKit", "CLinux"],
            exclude: ["Servers"]),
        tests(
            "PlatformTests", ["Platform", "CLinux", "ChildHost", "TestKit"], exclude: ["Servers"]),
        tests(
            "FuzzTests",
            [
                "Madang", "Brokers", "Feeds", "Host", "HTTPTransport", "Kernel", "Notifications",
                "Orders",
                "PaperExchange", "Platform", "Ports", "Rules", "StrategyServers", "StrategyWire",
                "TestKit", "TradingModel", "Vault",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
