"""HM Revenue & Customs (HMRC): the United Kingdom's monthly trade in goods by eight-digit line and partner."""
