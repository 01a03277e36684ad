"""China's total-control quotas for rare earths: mining, and smelting and separation, by year and batch."""
