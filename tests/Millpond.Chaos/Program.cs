using Millpond.Chaos.Live.Behind;
using Millpond.Chaos.Live.Directing;
using Millpond.Chaos.Live.Working;

if (args is ["worker", ..])
{
    return await Worker.RunAsync(WorkerOptions.Parse(args));
}

if (args is ["behind-worker", ..])
{
    return await BehindWorker.RunAsync(args);
}

if (args is ["--help" or "-h", ..])
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

try
{
    if (args is ["--write-behind", .. var others])
    {
        var (behind, file) = BehindCommandLine.Parse(others);
        return await BehindCampaign.RunAsync(behind, file);
    }

    var (options, json, pushes) = CommandLine.Parse(args);
    if (pushes > 0)
    {
        var times = await PushTimes.MeasureAsync(pushes, options.Seed);
        Console.WriteLine(times);
        return 0;
    }

    var verdict = await Campaign.RunAsync(options, Console.WriteLine);
    Report.Print(options, verdict, Console.Out);
    if (json is not null)
    {
        Report.Append(json, Report.Figures(options, verdict));
    }

    return verdict.Findings.Count == 0 ? 0 : 1;
}
catch (FormatException refused)
{
    Console.Error.WriteLine(refused.Message);
    return 1;
}
