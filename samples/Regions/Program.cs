using System.Globalization;
using Regions;

var seconds = 8.0;
if (args is ["--for", var given] && double.TryParse(given, CultureInfo.InvariantCulture, out var wanted) && wanted is >= 1 and <= 600)
{
    seconds = wanted;
}
else if (args.Length > 0)
{
    Console.Error.WriteLine("samples/Regions/run [--for SECONDS], from 1 to 600.");
    return 2;
}

return await RegionsRun.RunAsync(TimeSpan.FromSeconds(seconds), Console.Out);
