using Catalog.Data;
using Catalog.Options;

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
    Console.WriteLine(DataSet.Ensure(commandLine.Options.DataFolder, Console.Out));
    return 0;
}
catch (DataSetException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}
