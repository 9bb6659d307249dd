using Catalog;
using Catalog.Data;
using Catalog.Instances;
using Catalog.Options;
using Microsoft.AspNetCore.Connections;
using Millpond;

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
    return await CatalogRun.RunAsync(commandLine.Options, DataSet.Ensure(commandLine.Options.DataFolder, Console.Out));
}
catch (Exception problem) when (problem is DataSetException or InstanceException or MillpondException)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}
catch (IOException taken) when (taken.InnerException is AddressInUseException)
{
    Console.Error.WriteLine($"Port {commandLine.Options.Port} is in use on 127.0.0.1. Choose another with --port N, or any free one with --port 0.");
    return 1;
}
