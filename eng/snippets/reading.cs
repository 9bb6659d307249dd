using Millpond;

var services = new ServiceCollection().BuildServiceProvider();
var products = services.GetRequiredService<IKeyspace<int, Product>>();
var db = services.GetRequiredService<ShopDatabase>();
var cancellationToken = CancellationToken.None;
