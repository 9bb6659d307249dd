namespace Millpond.Bench.Harness;

/// <summary>The command line of the benchmarks.</summary>
internal static class Command
{
    public static async Task<int> RunAsync(string[] args, IReadOnlyList<Suite> suites)
    {
        if (Parse(args, suites) is not { } order)
        {
            return 2;
        }

        if (order.Suites.Count == 0)
        {
            Console.WriteLine("Suites:");
            foreach (var suite in suites)
            {
                Console.WriteLine($"  {suite.Name,-14} {suite.Question}");
            }

            return 0;
        }

        var machine = Machine.Measure();
        Console.WriteLine(machine);
        var report = new Report(Console.Out);
        foreach (var suite in order.Suites)
        {
            Console.WriteLine($"{suite.Name}: {suite.Question}");
            await suite.RunAsync(report, order.Effort);
        }

        if (order.JsonPath is { } path)
        {
            report.Write(path, machine);
            foreach (var plot in order.Suites.Select(suite => suite.Plot).OfType<string>())
            {
                File.WriteAllText(Path.ChangeExtension(path, ".svg"), plot);
            }
        }

        if (order.PagePath is { } page)
        {
            order.Suites.ForEach(suite => Tables.WriteInto(page, suite, report.Rows));
        }

        return 0;
    }

    private static Order? Parse(string[] args, IReadOnlyList<Suite> suites)
    {
        var order = new Order([], Effort.Full, null, null);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--quick":
                    order = order with { Effort = Effort.Quick };
                    break;
                case "--json" when i + 1 < args.Length:
                    order = order with { JsonPath = args[++i] };
                    break;
                case "--tables" when i + 1 < args.Length:
                    order = order with { PagePath = args[++i] };
                    break;
                case "all":
                    order.Suites.AddRange(suites);
                    break;
                case var name when suites.Where(suite => suite.Name == name || suite.Name.StartsWith(name + "-", StringComparison.Ordinal)).ToArray() is { Length: > 0 } named:
                    order.Suites.AddRange(named);
                    break;
                default:
                    Console.Error.WriteLine($"'{args[i]}' is neither a suite nor an option. Suites: all, {string.Join(", ", suites.Select(s => s.Name))}. Options: --quick, --json FILE, --tables FILE.");
                    return null;
            }
        }

        return order;
    }

    private sealed record Order(List<Suite> Suites, Effort Effort, string? JsonPath, string? PagePath);
}
