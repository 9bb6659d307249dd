using Catalog;
using Catalog.Data;
using Catalog.Load;
using Catalog.Options;
using Catalog.Page;
using Microsoft.AspNetCore.Connections;

var commandLine = CommandLine.Parse(args);
if (commandLine.HelpWanted)
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

if (commandLine.Errors.Count > 0)
{
    Console.Error.WriteLine(string.Join(Environment.NewLine, commandLine.Errors));
    Console.Error.WriteLine("--help lists the options.");
    return 2;
}

SQLitePCL.Batteries_V2.Init();
try
{
    return await RunAsync(commandLine.Options, DataSet.Ensure(commandLine.Options.DataFolder, Console.Out));
}
catch (DataSetException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}
catch (IOException taken) when (taken.InnerException is AddressInUseException)
{
    Console.Error.WriteLine($"Port {commandLine.Options.Port} is in use on 127.0.0.1. Choose another with --port N, or any free one with --port 0.");
    return 1;
}

static async Task<int> RunAsync(CatalogOptions options, string database)
{
    var terminal = new Terminal(Console.Out);
    await using WebApplication app = CatalogHost.Build(options, database, Console.Out);
    await app.StartAsync();
    var address = new Uri(app.Urls.First());
    terminal.Listening(address);

    using var end = CancellationTokenSource.CreateLinkedTokenSource(app.Lifetime.ApplicationStopping);
    if (options.For is { } duration)
    {
        end.CancelAfter(duration);
    }

    using LoadDriver driver = CatalogHost.Driver(app, options);
    await (options.Load ? driver.RunAsync(address, end.Token) : Task.Delay(Timeout.Infinite, end.Token).ContinueWith(_ => { }, TaskScheduler.Default));
    Totals totals = app.Services.GetRequiredService<Sampler>().Now();
    await app.StopAsync();
    terminal.Closing(totals, app.Services.GetRequiredService<LoadFigures>().Broken);
    return 0;
}
